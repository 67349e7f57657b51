package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.Client.Answer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chat completions and models as OpenAI's clients ask for them. */
class OpenAiTest {
  private static final String PATH = "/v1/chat/completions";

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

  private static ObjectNode request() {
    ObjectNode request = Json.object().put("model", "blip2");
    request.putArray("messages");
    return request;
  }

  /** A message of the user about a scene. */
  private static ObjectNode ask(ObjectNode request, int scene, String text) {
    ArrayNode parts =
        request.withArray("messages").addObject().put("role", "user").putArray("content");
    if (!text.isEmpty()) {
      parts.addObject().put("type", "text").put("text", text);
    }
    parts
        .addObject()
        .put("type", "image_url")
        .putObject("image_url")
        .put("url", Demo.url(scene))
        .put("detail", "low");
    return request;
  }

  private static ObjectNode say(ObjectNode request, String role, String text) {
    request.withArray("messages").addObject().put("role", role).put("content", text);
    return request;
  }

  private static void refused(Answer answer, String param, String words) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.at("/error/type").asText()).isEqualTo("invalid_request_error");
    assertThat(answer.at("/error/param").asText()).contains(param);
    assertThat(answer.message()).contains(words);
  }

  @Test
  void anImageAloneIsDescribed() {
    Answer answer = client.post(PATH, ask(request(), 2, ""));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.at("/object").asText()).isEqualTo("chat.completion");
    assertThat(answer.at("/id").asText()).startsWith("chatcmpl-");
    assertThat(answer.at("/created").asLong()).isPositive();
    assertThat(answer.at("/model").asText()).isEqualTo("blip2");
    JsonNode choice = answer.at("/choices/0");
    assertThat(choice.at("/message/role").asText()).isEqualTo("assistant");
    assertThat(choice.at("/message/content").asText()).isEqualTo(Demo.caption(2));
    assertThat(choice.at("/message/refusal").isNull()).isTrue();
    assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
    assertThat(choice.get("logprobs").isNull()).isTrue();
    int prompt = answer.at("/usage/prompt_tokens").asInt();
    int completion = answer.at("/usage/completion_tokens").asInt();
    assertThat(prompt).isGreaterThan(8); // queries of the built-in model
    assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(prompt + completion);
  }

  @Test
  void aQuestionBecomesTheChatTemplate() {
    Answer answer = client.post(PATH, ask(request(), 1, Demo.question(1, 1)));
    assertThat(answer.at("/choices/0/message/content").asText()).isEqualTo(Demo.answer(1, 1));
  }

  @Test
  void aConversationThatGoesOnFindsItsCache() {
    ObjectNode request = ask(request(), 1, Demo.question(1, 1));
    String first = client.post(PATH, request).at("/choices/0/message/content").asText();
    double before = continued();
    say(say(request, "assistant", first), "user", Demo.question(1, 2));
    Answer second = client.post(PATH, request);
    assertThat(second.at("/choices/0/message/content").asText()).isEqualTo(Demo.answer(1, 4));
    assertThat(continued()).isEqualTo(before + 1);
    say(say(request, "assistant", "something else"), "user", Demo.question(1, 1));
    Answer third = client.post(PATH, request);
    assertThat(third.at("/choices/0/message/content").asText())
        .as("the history of the request counts, not what was said")
        .isEqualTo(whole(request));
  }

  /** The same conversation as one prompt, without the server. */
  private static String whole(ObjectNode request) {
    StringBuilder prompt = new StringBuilder();
    JsonNode messages = request.get("messages");
    for (int i = 0; i < messages.size(); i += 2) {
      JsonNode content = messages.get(i).get("content");
      String question = content.isTextual() ? content.asText() : content.at("/0/text").asText();
      prompt.append(i == 0 ? "" : " ").append("Question: ").append(question).append(" Answer:");
      if (i + 1 < messages.size()) {
        prompt.append(' ').append(messages.get(i + 1).get("content").asText()).append('.');
      }
    }
    return blip2.caption(ImageSource.of(Demo.scene(1)), prompt.toString()).text();
  }

  private static double continued() {
    return client
        .ask("/metrics")
        .body()
        .lines()
        .filter(l -> l.startsWith("blip2_continued_conversations_total "))
        .mapToDouble(l -> Double.parseDouble(l.split(" ")[1]))
        .sum();
  }

  @Test
  void anotherImageHasNoPartInAConversation() {
    String question = Demo.question(2, 1);
    for (int scene = 0; scene < Demo.SCENES; scene++) {
      String expected = blip2.ask(ImageSource.of(Demo.scene(scene)), question).text();
      Answer answer = client.post(PATH, ask(request(), scene, question));
      assertThat(answer.at("/choices/0/message/content").asText()).isEqualTo(expected);
    }
  }

  @Test
  void aStreamHasTheRoleTheTextTheReasonAndTheUsage() throws IOException {
    ObjectNode request = ask(request(), 3, "").put("stream", true);
    request.putObject("stream_options").put("include_usage", true);
    Answer stream = client.post(PATH, request);
    assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
    List<String> events = stream.events();
    assertThat(events.get(events.size() - 1)).isEqualTo("[DONE]");
    StringBuilder text = new StringBuilder();
    String id = Json.MAPPER.readTree(events.get(0)).get("id").asText();
    for (String event : events.subList(0, events.size() - 2)) {
      JsonNode chunk = Json.MAPPER.readTree(event);
      assertThat(chunk.get("object").asText()).isEqualTo("chat.completion.chunk");
      assertThat(chunk.get("id").asText()).isEqualTo(id);
      assertThat(chunk.get("usage").isNull()).isTrue();
      text.append(chunk.at("/choices/0/delta/content").asText(""));
    }
    assertThat(text).hasToString(Demo.caption(3));
    JsonNode first = Json.MAPPER.readTree(events.get(0));
    assertThat(first.at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    assertThat(first.at("/choices/0/finish_reason").isNull()).isTrue();
    JsonNode last = Json.MAPPER.readTree(events.get(events.size() - 3));
    assertThat(last.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(last.at("/choices/0/delta")).isEmpty();
    JsonNode usage = Json.MAPPER.readTree(events.get(events.size() - 2));
    assertThat(usage.get("choices")).isEmpty();
    assertThat(usage.at("/usage/completion_tokens").asInt()).isPositive();
  }

  @Test
  void withoutBeingAskedAStreamHasNoUsage() {
    Answer stream = client.post(PATH, ask(request(), 3, Demo.question(3, 1)).put("stream", true));
    assertThat(stream.body()).doesNotContain("usage").endsWith("data: [DONE]\n\n");
  }

  @Test
  void lengthAndStopEndTheText() {
    Answer cut = client.post(PATH, ask(request(), 0, "").put("max_tokens", 2));
    assertThat(cut.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(cut.at("/usage/completion_tokens").asInt()).isEqualTo(2);
    ObjectNode both = ask(request(), 0, "").put("max_tokens", 9).put("max_completion_tokens", 3);
    assertThat(client.post(PATH, both).at("/usage/completion_tokens").asInt()).isEqualTo(3);
    Answer one = client.post(PATH, ask(request(), 0, "").put("stop", "triangle"));
    assertThat(one.at("/choices/0/message/content").asText()).isEqualTo("a blue");
    assertThat(one.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    ObjectNode several = ask(request(), 0, "");
    several.putArray("stop").add("zebra").add("circle");
    assertThat(client.post(PATH, several).at("/choices/0/message/content").asText())
        .isEqualTo("a blue triangle, a green");
  }

  @Test
  void severalTextsAreDrawnFromASeed() {
    ObjectNode request = ask(request(), 1, "").put("n", 3).put("seed", 5).put("temperature", 2);
    Answer answer = client.post(PATH, request);
    GenerationOptions options =
        GenerationOptions.builder()
            .doSample(true)
            .temperature(2)
            .topK(0)
            .seed(5)
            .numReturnSequences(3)
            .maxNewTokens(CompletionOptions.DEFAULT_TOKENS)
            .build();
    List<String> expected =
        blip2.captioner().withOptions(options).captions(ImageSource.of(Demo.scene(1))).stream()
            .map(GeneratedText::text)
            .toList();
    assertThat(answer.at("/choices").findValuesAsText("content")).isEqualTo(expected);
    assertThat(answer.at("/choices").findValuesAsText("index")).containsExactly("0", "1", "2");
  }

  @Test
  void aTemperatureOfNothingIsTheLikeliest() {
    ObjectNode request = ask(request(), 1, "").put("temperature", 0).put("seed", 3).put("top_p", 1);
    assertThat(client.post(PATH, request).at("/choices/0/message/content").asText())
        .isEqualTo(Demo.caption(1));
    refused(client.post(PATH, request.put("n", 2)), "n", "temperature of 0");
  }

  @Test
  void probabilitiesAreTheLibrarys() {
    ObjectNode request = ask(request(), 2, "").put("logprobs", true).put("top_logprobs", 2);
    JsonNode content = client.post(PATH, request).at("/choices/0/logprobs/content");
    GeneratedText expected = blip2.caption(ImageSource.of(Demo.scene(2)));
    assertThat(content).hasSize(expected.tokenIds().size() - 1); // all but the end token
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < content.size(); i++) {
      JsonNode token = content.get(i);
      text.append(token.get("token").asText());
      assertThat(token.get("logprob").asDouble())
          .isCloseTo(expected.logProbabilities().get(i), within(1e-5));
      assertThat(token.get("top_logprobs")).hasSize(2);
      assertThat(token.at("/top_logprobs/0/token")).isEqualTo(token.get("token"));
      assertThat(token.get("bytes")).hasSize(token.get("token").asText().length()); // ASCII
    }
    assertThat(text.toString().strip()).isEqualTo(Demo.caption(2));
  }

  @Test
  void whatASystemSaysComesFirst() {
    ObjectNode request = say(request(), "system", "is it so:");
    ask(request, 1, "is there a circle?");
    String expected =
        blip2
            .caption(
                ImageSource.of(Demo.scene(1)), "Question: is it so: is there a circle? Answer:")
            .text();
    assertThat(client.post(PATH, request).at("/choices/0/message/content").asText())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tools                | [{\"type\": \"function\"}]  | not supported",
        "functions            | [{\"name\": \"f\"}]         | not supported",
        "response_format      | {\"type\": \"json_object\"} | of type text",
        "presence_penalty     | 0.5                         | not supported",
        "frequency_penalty    | -1                          | not supported",
        "logit_bias           | {\"5\": 3}                  | not supported",
        "modalities           | [\"audio\"]                 | not supported",
        "n                    | 0                           | 1 to",
        "max_tokens           | 100000                      | 1 to 512",
        "temperature          | -1                          | temperature",
        "stop                 | [\"a\",\"b\",\"c\",\"d\",\"e\"] | 1 to 4",
        "top_logprobs         | 21                          | 0 to 20",
        "stream               | \"yes\"                     | true or false"
      })
  void whatWouldChangeTheAnswerIsRefused(String field, String value, String words)
      throws IOException {
    ObjectNode request = ask(request(), 0, "");
    request.set(field, Json.MAPPER.readTree(value));
    refused(client.post(PATH, request), field, words);
  }

  @Test
  void whatChangesNothingIsIgnored() throws IOException {
    ObjectNode request = ask(request(), 0, "").put("user", "u").put("store", false);
    request.set("tools", Json.MAPPER.readTree("[]"));
    request.set("response_format", Json.MAPPER.readTree("{\"type\": \"text\"}"));
    request.set("modalities", Json.MAPPER.readTree("[\"text\"]"));
    request.put("presence_penalty", 0).putNull("stop").putNull("max_tokens");
    assertThat(client.post(PATH, request).at("/choices/0/message/content").asText())
        .isEqualTo(Demo.caption(0));
  }

  @Test
  void messagesThatAreNoConversationAreRefused() {
    refused(client.post(PATH, request()), "messages", "a message of the user");
    refused(client.post(PATH, say(request(), "user", "hello")), "messages", "must have an image");
    refused(client.post(PATH, say(request(), "assistant", "hi")), "messages[0]", "must follow");
    refused(
        client.post(PATH, say(ask(request(), 0, "a"), "assistant", "b")),
        "messages",
        "the last of");
    refused(
        client.post(PATH, say(ask(request(), 0, "a"), "tool", "b")), "messages[1].role", "tools");
    refused(
        client.post(PATH, ask(ask(request(), 0, "a"), 1, "b")),
        "messages[1].content[1].image_url.url",
        "must be 1 for this model");
    ObjectNode address = request();
    address
        .withArray("messages")
        .addObject()
        .put("role", "user")
        .putArray("content")
        .addObject()
        .put("type", "image_url")
        .putObject("image_url")
        .put("url", "http://127.0.0.1:1/a.png");
    refused(client.post(PATH, address), "image_url.url", "fetches nothing");
    refused(
        client.post(PATH, say(request(), "user", "").put("stream", true).put("n", 2)), "n", "1");
  }

  @Test
  void theSameImageAgainIsNoOther() {
    ObjectNode request = ask(request(), 1, Demo.question(1, 1));
    ask(say(request, "assistant", Demo.answer(1, 1)), 1, Demo.question(1, 2));
    assertThat(client.post(PATH, request).at("/choices/0/message/content").asText())
        .isEqualTo(Demo.answer(1, 4));
  }

  @Test
  void thereIsOneModel() {
    Answer list = client.ask("/v1/models");
    assertThat(list.at("/object").asText()).isEqualTo("list");
    assertThat(list.at("/data")).hasSize(1);
    assertThat(list.at("/data/0/id").asText()).isEqualTo("blip2");
    assertThat(client.ask("/v1/models/blip2").at("/owned_by").asText()).isEqualTo("blip2");
    assertThat(client.ask("/v1/models/gpt").status()).isEqualTo(404);
    Answer other = client.post(PATH, ask(request(), 0, "").put("model", "gpt"));
    assertThat(other.status()).isEqualTo(404);
    assertThat(other.code()).isEqualTo("model_not_found");
    assertThat(other.message()).contains("must be blip2");
  }
}
