package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.ImageSequence;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.Client.Answer;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests about several images in one prompt, of either API: the reference's tokens and the
 * library's, in the order of the list; and who takes one only.
 */
class SeveralImagesServerTest {
  private static final GenerationOptions FEW = GenerationOptions.builder().maxNewTokens(8).build();
  private static final String ONE = "landscape.png";
  private static final String OTHER = "portrait.png";

  @TempDir static Path cache;

  private static Blip2 blip2;
  private static Blip2 opt;
  private static Blip2Server server;
  private static Client client;

  /** The first model takes several, the further one takes one. */
  @BeforeAll
  static void start() {
    blip2 = load("tiny-instructblip-t5");
    opt = load("tiny-opt");
    server =
        Blip2Server.start(
            blip2, List.of(new ServedModel("opt", opt)), ServerOptions.defaults().withPort(0));
    client = new Client(server.uri());
  }

  private static Blip2 load(String name) {
    return Blip2.builder()
        .model(Fixtures.directory(name))
        .backend("onnx")
        .cacheDirectory(cache)
        .load();
  }

  @AfterAll
  static void stop() {
    server.close();
    blip2.close();
    opt.close();
  }

  private static String url(String image) {
    try {
      return Demo.url(Files.readAllBytes(Fixtures.image(image)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request about images, each as its data. */
  private static ObjectNode about(List<String> images) {
    ObjectNode request = Json.object();
    ArrayNode list = request.putArray("images");
    images.forEach(image -> list.addObject().put("image", url(image)));
    return request;
  }

  private static ObjectNode two() {
    ObjectNode request = about(List.of(ONE, OTHER));
    request.putObject("options").put("max_new_tokens", 8);
    return request;
  }

  private static ImageSequence both() {
    return ImageSequence.of(
        ImageSource.of(Fixtures.image(ONE)), ImageSource.of(Fixtures.image(OTHER)));
  }

  private static List<Integer> ids(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    List<Integer> ids = new ArrayList<>();
    answer.at("/texts/0/token_ids").forEach(id -> ids.add(id.intValue()));
    return ids;
  }

  private static void refused(Answer answer, String param, String words) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.at("/error/param").asText()).isEqualTo(param);
    assertThat(answer.message()).contains(words);
  }

  @Test
  void captionsAreTheReferencesInTheOrderOfTheList() {
    List<Golden.Case> cases =
        new Golden(Fixtures.directory("tiny-instructblip-t5"), "several").cases("several");
    for (Golden.Case one : cases.subList(0, 4)) {
      JsonNode options = one.arguments();
      ObjectNode request = about(one.images());
      request.put("prompt", Objects.requireNonNull(one.prompts()).get(0)).set("options", options);
      assertThat(ids(client.post("/api/caption", request)))
          .as("%s", one)
          .isEqualTo(one.expected(0, List.of(1)));
    }
    assertThat(cases.get(0).newIds()).isNotEqualTo(cases.get(1).newIds());
  }

  /** Ids and data may stand beside each other, and one image may be all. */
  @Test
  void imagesThatAreKeptAreTheSame() {
    List<Integer> expected = ids(client.post("/api/caption", two()));
    String id =
        client.post("/api/images", Json.object().put("image", url(ONE))).at("/image_id").asText();
    ObjectNode mixed = two();
    mixed.putArray("images").addObject().put("image_id", id);
    mixed.withArray("images").addObject().put("image", url(OTHER));
    assertThat(ids(client.post("/api/caption", mixed))).isEqualTo(expected);
    ObjectNode single = two();
    single.putArray("images").addObject().put("image_id", id);
    List<Integer> alone = ids(client.post("/api/caption", single));
    single.remove("images");
    assertThat(ids(client.post("/api/caption", single.put("image", url(ONE))))).isEqualTo(alone);
    assertThat(alone).isNotEqualTo(expected);
  }

  @Test
  void everyImageCountsAsTokensOfThePrompt() {
    int queries = 6; // as its settings say
    ObjectNode request = two().put("prompt", "a");
    int text = blip2.tokenizer().encodePrompt("a").size();
    assertThat(client.post("/api/caption", request).at("/usage/prompt_tokens").asInt())
        .isEqualTo(2 * queries + text);
  }

  /** InstructBLIP's own template, unless another is given. */
  @Test
  void questionsAreTheLibrarys() {
    ObjectNode request = two().put("question", "what changed?");
    List<Integer> expected = blip2.vqa().withOptions(FEW).ask(both(), "what changed?").tokenIds();
    assertThat(ids(client.post("/api/ask", request))).isEqualTo(expected);
    request.put("template", "Question: {} Answer:");
    assertThat(ids(client.post("/api/ask", request))).isNotEqualTo(expected);
    request.put("template", "Question: {} Short Answer:").put("stream", true);
    List<String> events = client.post("/api/ask", request).events();
    assertThat(events.get(events.size() - 1)).contains(expected.toString().replace(" ", ""));
  }

  @Test
  void conversationsAndRanksAreAboutAll() {
    ObjectNode request = two().put("question", "what changed?");
    try (ChatSession chat = blip2.chat(both(), ChatOptions.defaults().withGeneration(FEW))) {
      chat.ask("what changed?");
      Answer first = client.post("/api/chat", request);
      ChatTurn turn = chat.history().get(0);
      assertThat(first.at("/text").asText()).isEqualTo(turn.answer());
      request.put("question", "where?");
      request
          .putArray("history")
          .addObject()
          .put("question", turn.question())
          .put("answer", turn.answer());
      assertThat(ids(client.post("/api/chat", request))).isEqualTo(chat.ask("where?").tokenIds());
    }
    ObjectNode rank = about(List.of(ONE, OTHER)).put("prompt", "a");
    rank.putArray("candidates").add("cat").add("dog");
    RankedAnswer best = blip2.ranker().rank(both(), "a", List.of("cat", "dog")).get(0);
    Answer ranked = client.post("/api/rank", rank);
    assertThat(ranked.at("/candidates/0/text").asText()).isEqualTo(best.text());
    assertThat(ranked.at("/candidates/0/log_probability").asDouble())
        .isCloseTo(best.logProbability(), within(1e-4));
  }

  /** As OpenAI's clients send them: parts of a message, in their order. */
  @Test
  void partsOfAMessageAreImagesOfOnePrompt() {
    ObjectNode request = Json.object().put("model", "blip2").put("max_completion_tokens", 8);
    ArrayNode parts =
        request.putArray("messages").addObject().put("role", "user").putArray("content");
    parts.addObject().put("type", "text").put("text", "what changed?");
    for (String image : List.of(ONE, OTHER)) {
      parts.addObject().put("type", "image_url").putObject("image_url").put("url", url(image));
    }
    Answer answer = client.post("/v1/chat/completions", request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    try (ChatSession chat = blip2.chat(both(), ChatOptions.defaults().withGeneration(FEW))) {
      assertThat(answer.at("/choices/0/message/content").asText())
          .isEqualTo(chat.ask("what changed?").text());
    }
  }

  @Test
  void listsThatAreNoneAreRefused() {
    refused(client.post("/api/caption", two().put("image", url(ONE))), "images", "must not be");
    refused(client.post("/api/caption", about(List.of())), "images", "images (0)");
    refused(client.post("/api/caption", Json.object().put("images", "x")), "images", "a list");
    ObjectNode bare = Json.object();
    bare.putArray("images").add(url(ONE));
    refused(client.post("/api/caption", bare), "images[0]", "must be an object");
    ObjectNode none = about(List.of(ONE));
    none.withArray("images").addObject();
    refused(client.post("/api/caption", none), "images[1].image", "but none is");
    ObjectNode other = about(List.of(ONE));
    other.withArray("images").addObject().put("url", url(ONE));
    refused(client.post("/api/caption", other), "images[1].url", "is no field");
    ObjectNode address = about(List.of(ONE));
    address.withArray("images").addObject().put("image", "https://example.org/a.png");
    refused(client.post("/api/caption", address), "images[1].image", "fetches nothing");
    ObjectNode unknown = Json.object();
    unknown.putArray("images").addObject().put("image_id", "none");
    assertThat(client.post("/api/caption", unknown).status()).isEqualTo(404);
    ObjectNode many = Json.object();
    for (int i = 0; i < 65; i++) {
      many.withArray("images").addObject().put("image_id", "none");
    }
    refused(client.post("/api/caption", many), "images", "images (65) must be at most 64");
  }

  /** Which is told before the request waits for its turn. */
  @Test
  void aModelThatTakesOneSaysSo() {
    ObjectNode question = two().put("question", "what?");
    refused(
        client.post("/models/opt/api/ask", question), "images", "images (2) must be 1 for this");
    ObjectNode one = about(List.of(ONE)).put("question", "what?");
    assertThat(ids(client.post("/models/opt/api/ask", one))).isNotEmpty();
    assertThat(client.ask("/models/opt/api/model").at("/limits/images").asInt()).isEqualTo(1);
    assertThat(client.ask("/api/model").at("/limits/images").asInt()).isEqualTo(64);
  }
}
