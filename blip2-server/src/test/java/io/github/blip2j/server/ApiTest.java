package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.Client.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The JSON API over a real server: what it answers is what the library and the reference say. */
class ApiTest {
  private static Blip2 blip2;
  private static Blip2Server server;
  private static Client client;

  @BeforeAll
  static void start() {
    blip2 = Demo.captioner();
    server = Blip2Server.start(blip2, ServerOptions.defaults().withPort(0));
    client = new Client(server.uri());
  }

  @AfterAll
  static void stop() {
    server.close();
    blip2.close();
  }

  private static ObjectNode scene(int number) {
    return Json.object().put("image", Demo.url(number));
  }

  @Test
  void healthNeedsNothing() {
    Answer health = client.ask("/health");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.at("/status").asText()).isEqualTo("ok");
    assertThat(health.header("Content-Type")).isEqualTo("application/json");
    assertThat(health.header("X-Content-Type-Options")).isEqualTo("nosniff");
  }

  @Test
  void headIsGetWithoutBody() {
    Answer head = client.send(client.request("/health").method("HEAD", BodyPublishers.noBody()));
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void theModelSaysWhatItIs() {
    Answer model = client.ask("/api/model");
    assertThat(model.at("/backend").asText()).isEqualTo("onnx");
    assertThat(model.at("/device").asText()).isEqualTo("cpu");
    assertThat(model.at("/checkpoint").asText()).isEqualTo(blip2.checkpoint());
    assertThat(model.at("/capabilities/0").asText()).isEqualTo("generate");
  }

  @Test
  void captionsAreTheReferencesForEveryScene() {
    for (int i = 0; i < Demo.SCENES; i++) {
      Answer raw = client.post("/api/caption", "image/png", Demo.scene(i));
      assertThat(raw.status()).as(raw.body()).isEqualTo(200);
      assertThat(raw.at("/text").asText()).isEqualTo(Demo.caption(i));
      Answer json = client.post("/api/caption", scene(i));
      assertThat(json.at("/text").asText()).isEqualTo(Demo.caption(i));
      assertThat(json.at("/texts/0/finish_reason").asText()).isEqualTo("eos");
    }
  }

  @Test
  void aPromptIsGoneOnFrom() {
    String expected = blip2.caption(ImageSource.of(Demo.scene(1)), "a picture of").text();
    Answer answer = client.post("/api/caption", scene(1).put("prompt", "a picture of"));
    assertThat(answer.at("/text").asText()).isEqualTo(expected);
  }

  @Test
  void questionsAreAnsweredAsTheReferenceDoes() {
    Answer answer = client.post("/api/ask", scene(1).put("question", Demo.question(1, 1)));
    assertThat(answer.at("/text").asText()).isEqualTo(Demo.answer(1, 1));
    assertThat(answer.at("/usage/new_tokens").asInt())
        .isEqualTo(answer.at("/texts/0/token_ids").size());
    GeneratedText same = blip2.ask(ImageSource.of(Demo.scene(1)), Demo.question(1, 1));
    assertThat(ids(answer.at("/texts/0/token_ids"))).isEqualTo(same.tokenIds());
    assertThat(answer.at("/texts/0/score").asDouble()).isCloseTo(same.score(), within(1e-5));
  }

  private static List<Integer> ids(JsonNode node) {
    List<Integer> ids = new ArrayList<>();
    node.forEach(id -> ids.add(id.intValue()));
    return ids;
  }

  @Test
  void promptTokensAreThoseOfImageAndPrompt() {
    ImageSource image = ImageSource.of(Demo.scene(0));
    int expected =
        blip2.encode(image).projected().length + blip2.tokenizer().encodePrompt("a").size();
    Answer answer = client.post("/api/caption", scene(0).put("prompt", "a"));
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(expected);
  }

  @Test
  void aConversationKnowsItsTurns() {
    ObjectNode request = scene(1).put("question", Demo.question(1, 2));
    request
        .putArray("history")
        .addObject()
        .put("question", Demo.question(1, 1))
        .put("answer", Demo.answer(1, 1));
    Answer answer = client.post("/api/chat", request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.at("/text").asText()).isEqualTo(Demo.answer(1, 4)); // the same as one prompt
  }

  @Test
  void optionsAreTransformers() {
    ObjectNode request = scene(2);
    request.putObject("options").put("num_beams", 3).put("num_return_sequences", 2);
    GenerationOptions options =
        GenerationOptions.builder().numBeams(3).numReturnSequences(2).build();
    List<String> expected =
        blip2.captioner().withOptions(options).captions(ImageSource.of(Demo.scene(2))).stream()
            .map(GeneratedText::text)
            .toList();
    Answer answer = client.post("/api/caption", request);
    assertThat(answer.at("/texts").findValuesAsText("text")).isEqualTo(expected);
    ObjectNode few = scene(2);
    few.putObject("options").put("max_new_tokens", 3);
    Answer cut = client.post("/api/caption", few);
    assertThat(cut.at("/texts/0/finish_reason").asText()).isEqualTo("length");
    assertThat(cut.at("/texts/0/token_ids")).hasSize(3);
  }

  @Test
  void aSeedGivesTheSameTextTwice() {
    ObjectNode request = scene(3);
    request.putObject("options").put("do_sample", true).put("temperature", 3).put("seed", 7);
    String once = client.post("/api/caption", request).at("/text").asText();
    assertThat(client.post("/api/caption", request).at("/text").asText()).isEqualTo(once);
    request.withObject("/options").put("seed", 8);
    assertThat(client.post("/api/caption", request).at("/text").asText()).isNotEqualTo(once);
  }

  @Test
  void candidatesAreRankedAsTheLibraryDoes() {
    List<String> candidates = List.of("a red square", Demo.caption(1), "a dog");
    ObjectNode request = scene(1);
    candidates.forEach(request.withArray("candidates")::add);
    List<RankedAnswer> expected = blip2.rank(ImageSource.of(Demo.scene(1)), null, candidates);
    Answer answer = client.post("/api/rank", request);
    for (int i = 0; i < candidates.size(); i++) {
      JsonNode one = answer.at("/candidates/" + i);
      assertThat(one.get("text").asText()).isEqualTo(expected.get(i).text());
      assertThat(one.get("probability").asDouble())
          .isCloseTo(expected.get(i).probability(), within(1e-5));
    }
    assertThat(answer.at("/candidates/0/text").asText()).isEqualTo(Demo.caption(1));
  }

  @Test
  void anImageIsEncodedOnceForManyRequests() {
    Answer kept = client.post("/api/images", "image/png", Demo.scene(4));
    assertThat(kept.status()).isEqualTo(201);
    String id = kept.at("/image_id").asText();
    assertThat(kept.header("Location")).isEqualTo("/api/images/" + id);
    ObjectNode request = Json.object().put("image_id", id);
    assertThat(client.post("/api/caption", request).at("/text").asText())
        .isEqualTo(Demo.caption(4));
    assertThat(client.post("/api/images", scene(4)).at("/image_id").asText())
        .as("ids are not derived from images")
        .isNotEqualTo(id);
    Answer gone = client.send(client.request("/api/images/" + id).DELETE());
    assertThat(gone.status()).isEqualTo(204);
    Answer unknown = client.post("/api/caption", request);
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.code()).isEqualTo("unknown_image");
  }

  @Test
  void vectorsAreTheLibrarys() {
    float[][] expected = blip2.encode(ImageSource.of(Demo.scene(0))).projected();
    JsonNode image = client.post("/api/embed", scene(0)).at("/image");
    assertThat(image).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        assertThat(image.get(i).get(j).floatValue()).isEqualTo(expected[i][j], within(1e-6f));
      }
    }
  }

  @Test
  void aStreamsPiecesAreItsText() {
    Answer stream = client.post("/api/caption", scene(5).put("stream", true));
    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
    List<Answer> events = stream.events().stream().map(e -> Answer.of(200, e)).toList();
    List<Answer> pieces = events.subList(0, events.size() - 1);
    assertThat(pieces).hasSizeGreaterThan(3);
    assertThat(pieces.stream().map(p -> p.at("/text").asText()).collect(Collectors.joining()))
        .isEqualTo(Demo.caption(5));
    Answer end = events.get(events.size() - 1);
    assertThat(end.at("/text").asText()).isEqualTo(Demo.caption(5));
    assertThat(stream.body()).contains("event: piece\n").contains("event: done\n");
  }

  @Test
  void aConversationStreamsToo() {
    ObjectNode request = scene(1).put("question", Demo.question(1, 1)).put("stream", true);
    List<String> events = client.post("/api/chat", request).events();
    Answer end = Answer.of(200, events.get(events.size() - 1));
    assertThat(end.at("/text").asText()).isEqualTo(Demo.answer(1, 1));
  }

  @Test
  void whatTheModelCannotDoIsSaid() {
    ObjectNode request = scene(0);
    request.putArray("texts").add("a circle");
    Answer match = client.post("/api/match", request);
    assertThat(match.status()).isEqualTo(400);
    assertThat(match.code()).isEqualTo("unsupported_task");
    ObjectNode texts = Json.object();
    texts.putArray("texts").add("a circle");
    assertThat(client.post("/api/embed", texts).code()).isEqualTo("unsupported_task");
  }

  @Test
  void countsAreThereForPrometheus() {
    client.post("/api/caption", "image/png", Demo.scene(0));
    Answer metrics = client.ask("/metrics");
    assertThat(metrics.header("Content-Type")).startsWith("text/plain; version=0.0.4");
    assertThat(metrics.body())
        .containsPattern(
            "blip2_http_requests_total\\{method=\"POST\",route=\"/api/caption\",status=\"200\"} [1-9]")
        .containsPattern("blip2_generated_tokens_total [1-9]")
        .contains("blip2_active_requests 0\n")
        .containsPattern(
            "blip2_http_request_seconds_bucket\\{route=\"/api/caption\",le=\"\\+Inf\"} [1-9]");
  }
}
