package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.server.Client.Answer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server over a checkpoint that matches: scores and vectors are the library's. */
class MatchingServerTest {
  private static final List<String> TEXTS = List.of("a blue triangle", "a yellow circle");

  private static Blip2 blip2;
  private static Blip2Server server;
  private static Client client;

  @BeforeAll
  static void start() {
    blip2 = Demo.matcher();
    server =
        Blip2Server.start(
            blip2, ServerOptions.defaults().withPort(0).withModelName("demo/matcher"));
    client = new Client(server.uri());
  }

  @AfterAll
  static void stop() {
    server.close();
    blip2.close();
  }

  private static ObjectNode texts(ObjectNode request, String field) {
    TEXTS.forEach(request.withArray(field)::add);
    return request;
  }

  private static ObjectNode embedding() {
    return Json.object().put("model", "demo/matcher");
  }

  @Test
  void textsAreMatched() {
    ObjectNode request = texts(Json.object().put("image", Demo.url(1)), "texts");
    Answer answer = client.post("/api/match", request);
    List<Match> expected = blip2.matcher().match(ImageSource.of(Demo.scene(1)), TEXTS);
    for (int i = 0; i < TEXTS.size(); i++) {
      JsonNode match = answer.at("/matches/" + i);
      assertThat(match.get("text").asText()).isEqualTo(TEXTS.get(i));
      assertThat(match.get("itm_probability").asDouble())
          .isCloseTo(expected.get(i).itmProbability(), within(1e-5));
      assertThat(match.get("itc_similarity").asDouble())
          .isCloseTo(expected.get(i).itcSimilarity(), within(1e-5));
    }
    assertThat(answer.at("/matches/1/itm_probability").asDouble())
        .as("the scene is a yellow circle")
        .isGreaterThan(answer.at("/matches/0/itm_probability").asDouble());
  }

  @Test
  void textsHaveVectors() {
    JsonNode rows = client.post("/api/embed", texts(Json.object(), "texts")).at("/texts");
    for (int i = 0; i < TEXTS.size(); i++) {
      float[] expected = blip2.embedder().text(TEXTS.get(i)).embedding();
      assertThat(rows.get(i)).hasSize(expected.length);
      for (int j = 0; j < expected.length; j++) {
        assertThat(rows.get(i).get(j).floatValue()).isEqualTo(expected[j], within(1e-6f));
      }
    }
    ObjectNode both = texts(Json.object().put("image", Demo.url(0)), "texts");
    assertThat(client.post("/api/embed", both).message()).contains("must not be given with");
  }

  @Test
  void embeddingsComeAsNumbersAndAsBytes() {
    ObjectNode request = texts(embedding(), "input");
    Answer numbers = client.post("/v1/embeddings", request);
    assertThat(numbers.at("/object").asText()).isEqualTo("list");
    assertThat(numbers.at("/data/1/index").asInt()).isEqualTo(1);
    assertThat(numbers.at("/data/1/object").asText()).isEqualTo("embedding");
    assertThat(numbers.at("/usage/prompt_tokens").asInt()).isPositive();
    request.put("encoding_format", "base64");
    String base64 = client.post("/v1/embeddings", request).at("/data/1/embedding").asText();
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
    JsonNode row = numbers.at("/data/1/embedding");
    assertThat(bytes.remaining()).isEqualTo(Float.BYTES * row.size());
    row.forEach(value -> assertThat(bytes.getFloat()).isEqualTo(value.floatValue()));
  }

  @Test
  void anImageIsAnInputOfItsOwn() {
    ObjectNode request = embedding();
    request.putArray("input").add("a circle").add(Demo.url(1)).add("a yellow circle");
    Answer answer = client.post("/v1/embeddings", request);
    assertThat(answer.at("/data")).hasSize(3);
    float[][] queries = blip2.encode(ImageSource.of(Demo.scene(1))).projected();
    double[] mean = new double[queries[0].length];
    double square = 0;
    for (int i = 0; i < mean.length; i++) {
      for (float[] query : queries) {
        mean[i] += query[i];
      }
      square += mean[i] * mean[i];
    }
    for (int i = 0; i < mean.length; i++) {
      assertThat(answer.at("/data/1/embedding/" + i).doubleValue())
          .isCloseTo(mean[i] / Math.sqrt(square), within(1e-6));
    }
    JsonNode alone =
        client.post("/v1/embeddings", embedding().put("input", "a yellow circle")).at("/data/0");
    for (int i = 0; i < mean.length; i++) {
      assertThat(answer.at("/data/2/embedding/" + i).doubleValue())
          .isCloseTo(alone.at("/embedding/" + i).doubleValue(), within(1e-6));
    }
  }

  @Test
  void whatIsNoEmbeddingIsRefused() {
    Answer width =
        client.post("/v1/embeddings", embedding().put("input", "a").put("dimensions", 3));
    assertThat(width.status()).isEqualTo(400);
    assertThat(width.message()).contains("dimensions must be");
    Answer format =
        client.post("/v1/embeddings", embedding().put("input", "a").put("encoding_format", "int8"));
    assertThat(format.message()).contains("float or base64");
    ObjectNode ids = embedding();
    ids.putArray("input").add(5);
    assertThat(client.post("/v1/embeddings", ids).message()).contains("list of strings");
    Answer none = client.post("/v1/embeddings", embedding());
    assertThat(none.at("/error/param").asText()).isEqualTo("input");
    Answer long1 = client.post("/v1/embeddings", embedding().put("input", "circle ".repeat(5000)));
    assertThat(long1.status()).as(long1.body()).isEqualTo(400);
  }

  @Test
  void textsCannotBeWritten() {
    Answer caption = client.post("/api/caption", "image/png", Demo.scene(0));
    assertThat(caption.status()).isEqualTo(400);
    assertThat(caption.code()).isEqualTo("unsupported_task");
    assertThat(client.ask("/api/model").at("/capabilities/0").asText()).isEqualTo("match");
    assertThat(client.ask("/metrics").body()).doesNotContain("prefix_cache");
  }
}
