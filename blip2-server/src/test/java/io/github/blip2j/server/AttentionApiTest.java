package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Precision;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageAttention;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.Client.Answer;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /api/attention}, and several models in one server, each under its path. */
class AttentionApiTest {
  private static Blip2 writer;
  private static Blip2 small;
  private static Blip2 matcher;
  private static Blip2Server server;
  private static Client client;

  @BeforeAll
  static void start() {
    writer = Demo.captioner();
    small =
        Blip2.builder()
            .model(DemoModel.captioner())
            .backend("onnx")
            .precision(Precision.INT8)
            .load();
    matcher = Demo.matcher();
    List<ServedModel> further =
        List.of(new ServedModel("int8", small), new ServedModel("matcher", matcher));
    server = Blip2Server.start(writer, further, ServerOptions.defaults().withPort(0));
    client = new Client(server.uri());
  }

  @AfterAll
  static void stop() {
    server.close();
    matcher.close();
    small.close();
    writer.close();
  }

  private static void compare(JsonNode found, float[][] expected) {
    assertThat(found).hasSize(expected.length);
    for (int y = 0; y < expected.length; y++) {
      for (int x = 0; x < expected.length; x++) {
        assertThat(found.get(y).get(x).floatValue()).isEqualTo(expected[y][x]);
      }
    }
  }

  @Test
  void mapsAreTheLibrarys() {
    ImageAttention expected = writer.attention(ImageSource.of(Demo.scene(1)));
    Answer raw = client.post("/api/attention", "image/png", Demo.scene(1));
    assertThat(raw.status()).as(raw.body()).isEqualTo(200);
    assertThat(raw.at("/side").asInt()).isEqualTo(expected.size().side());
    compare(raw.at("/map"), expected.map());
    assertThat(raw.at("/layers")).hasSize(expected.size().layers());
    compare(raw.at("/layers/0"), expected.mapOfLayer(0));
    assertThat(raw.at("/queries")).hasSize(expected.size().queries());
    compare(raw.at("/queries/3"), expected.mapOfQuery(3));
    Answer json = client.post("/api/attention", Json.object().put("image", Demo.url(1)));
    assertThat(json.body()).isEqualTo(raw.body());
  }

  @Test
  void aTextIsReadBesideTheImageWhereItCanBe() {
    ObjectNode request = Json.object().put("image", Demo.url(1)).put("text", "a red circle");
    Answer found = client.post("/models/matcher/api/attention", request);
    assertThat(found.status()).as(found.body()).isEqualTo(200);
    compare(
        found.at("/map"), matcher.attention(ImageSource.of(Demo.scene(1)), "a red circle").map());
    Answer refused = client.post("/api/attention", request);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message()).contains("found one that reads images alone");
  }

  @Test
  void anImageIdServesWhereItsPatchesAreKept() {
    Answer kept = client.post("/models/matcher/api/images", "image/png", Demo.scene(2));
    ObjectNode request = Json.object().put("image_id", kept.at("/image_id").asText());
    Answer found = client.post("/models/matcher/api/attention", request);
    assertThat(found.status()).as(found.body()).isEqualTo(200);
    Answer other = client.post("/api/images", "image/png", Demo.scene(2));
    request.put("image_id", other.at("/image_id").asText());
    Answer refused = client.post("/api/attention", request);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message()).contains("expected the image itself");
  }

  @Test
  void aBrokenImageIsAnErrorOfItsOwn() {
    Answer broken = client.post("/api/attention", "image/png", new byte[] {1, 2, 3});
    assertThat(broken.status()).isEqualTo(400);
    assertThat(broken.code()).isEqualTo("invalid_image");
  }

  @Test
  void furtherModelsAreNamedAndSaysWhatTheyRunIn() {
    Answer main = client.ask("/api/model");
    assertThat(main.at("/precisions/language").asText()).isEqualTo("float32");
    assertThat(main.at("/further").findValuesAsText("path"))
        .containsExactly("/models/int8", "/models/matcher");
    assertThat(main.at("/limits/body_bytes").asInt()).isEqualTo(32 << 20);
    Answer other = client.ask("/models/int8/api/model");
    assertThat(other.at("/model").asText()).isEqualTo("int8");
    assertThat(other.at("/precisions/language").asText()).isEqualTo("int8");
    assertThat(other.at("/further")).isEmpty();
    assertThat(client.ask("/models/none/api/model").status()).isEqualTo(404);
  }

  /** The same request, answered by the model whose path it takes. */
  @Test
  void eachPathIsItsModels() {
    for (int i = 0; i < Demo.SCENES; i++) {
      Answer eight = client.post("/models/int8/api/caption", "image/png", Demo.scene(i));
      assertThat(eight.at("/text").asText())
          .isEqualTo(small.caption(ImageSource.of(Demo.scene(i))).text());
      assertThat(client.post("/api/caption", "image/png", Demo.scene(i)).at("/text").asText())
          .isEqualTo(Demo.caption(i));
    }
    ObjectNode match = Json.object().put("image", Demo.url(0));
    match.putArray("texts").add("a circle");
    assertThat(client.post("/models/matcher/api/match", match).status()).isEqualTo(200);
    assertThat(client.post("/api/match", match).code()).isEqualTo("unsupported_task");
  }

  /** An id of one model is none of another's: their vectors differ. */
  @Test
  void keptImagesAreOneModelsAlone() {
    String id = client.post("/api/images", "image/png", Demo.scene(0)).at("/image_id").asText();
    ObjectNode request = Json.object().put("image_id", id);
    assertThat(client.post("/api/caption", request).status()).isEqualTo(200);
    assertThat(client.post("/models/int8/api/caption", request).code()).isEqualTo("unknown_image");
  }

  @Test
  void twoModelsOfOneNameAreRefused() {
    List<ServedModel> twice = List.of(new ServedModel("a", small), new ServedModel("a", matcher));
    Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> Blip2Server.start(writer, twice, ServerOptions.defaults().withPort(0)))
        .withMessageContaining("different names");
    Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServedModel("a/b", small))
        .withMessageContaining("must be of letters");
  }
}
