package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.server.Client.Answer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a request is said in one form, and the server goes on. */
class RefusalsTest {
  private static final int MOST = 100_000; // bytes of a body

  private static Blip2 blip2;
  private static Blip2Server server;
  private static Client client;

  @BeforeAll
  static void start() {
    blip2 = Demo.captioner();
    ServerLimits limits = ServerLimits.defaults().withBodyBytes(MOST).withNewTokens(40);
    server = Blip2Server.start(blip2, ServerOptions.defaults().withPort(0).withLimits(limits));
    client = new Client(server.uri());
  }

  @AfterAll
  static void stop() {
    assertThat(client.post("/api/caption", "image/png", Demo.scene(0)).at("/text").asText())
        .as("after all of these")
        .isEqualTo(Demo.caption(0));
    server.close();
    blip2.close();
  }

  private static ObjectNode scene() {
    return Json.object().put("image", Demo.url(0));
  }

  private static void refused(Answer answer, int status, String code, String words) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.message()).contains(words);
    assertThat(answer.at("/error").has("param")).isTrue();
    assertThat(answer.at("/error/type").asText()).endsWith("_error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"image\": \"data:                    | JSON",
        "''                                     | object",
        "[1, 2]                                 | must be an object",
        "{} {}                                  | JSON",
        "{\"prompt\": \"a\", \"prompt\": \"b\"} | Duplicate"
      })
  void whatIsNoJsonObjectIsRefused(String body, String words) {
    refused(client.post("/api/caption", body), 400, "invalid_json", words);
  }

  @Test
  void deepJsonIsRefused() {
    String deep = "{\"options\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
    refused(client.post("/api/caption", deep), 400, "invalid_json", "depth");
  }

  @Test
  void unknownFieldsAreNamed() {
    Answer answer = client.post("/api/caption", scene().put("promt", "a"));
    refused(answer, 400, "unknown_field", "promt");
    assertThat(answer.at("/error/param").asText()).isEqualTo("promt");
    ObjectNode nested = scene();
    nested.putObject("options").put("beams", 3);
    refused(client.post("/api/caption", nested), 400, "unknown_field", "options.beams");
  }

  @ParameterizedTest
  @CsvSource({
    "max_new_tokens, 0, 1 to 40",
    "max_new_tokens, 41, 1 to 40",
    "max_new_tokens, 1.5, whole number",
    "num_beams, 1000, 1 to 32",
    "temperature, -1, temperature",
    "num_return_sequences, 2, num_return_sequences",
    "stop_strings, 3, list",
    "do_sample, 1, true or false"
  })
  void optionsOutOfRangeAreRefused(String name, String value, String words) throws IOException {
    ObjectNode request = scene();
    ObjectNode options = request.putObject("options");
    options.set(name, Json.MAPPER.readTree(value));
    if (name.equals("temperature")) {
      options.put("do_sample", true);
    }
    refused(client.post("/api/caption", request), 400, "invalid_value", words);
  }

  @Test
  void wrongTypesAreNamedWithWhatWasFound() {
    refused(
        client.post("/api/ask", scene().put("question", 5)),
        400,
        "invalid_value",
        "question (5) must be a string");
    refused(client.post("/api/ask", scene()), 400, "invalid_value", "question (nothing)");
    refused(
        client.post("/api/ask", scene().put("question", "  ")),
        400,
        "invalid_value",
        "must not be blank");
    refused(
        client.post("/api/chat", scene().put("question", "q").put("template", "x")),
        400,
        "invalid_value",
        "blog or short-answer");
    ObjectNode none = scene();
    none.putArray("candidates");
    refused(client.post("/api/rank", none), 400, "invalid_value", "0 strings");
  }

  @Test
  void anImageIsGivenOnce() {
    refused(client.post("/api/caption", Json.object()), 400, "invalid_value", "none is");
    refused(
        client.post("/api/caption", scene().put("image_id", "x")),
        400,
        "invalid_value",
        "both are");
    refused(
        client.post("/api/caption", Json.object().put("image_id", "../x")),
        404,
        "unknown_image",
        "no image of this id");
  }

  @Test
  void addressesAreNotFollowed(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("secret.png"), Demo.scene(0));
    for (String address :
        new String[] {
          file.toUri().toString(),
          file.toString(),
          server.uri() + "/health",
          "data:image/png," + file,
          "DATA:;base64",
          ""
        }) {
      Answer answer = client.post("/api/caption", Json.object().put("image", address));
      refused(answer, 400, "invalid_image_url", "data:image/jpeg;base64");
    }
  }

  @Test
  void whatIsNoImageIsRefused() {
    byte[] scene = Demo.scene(0);
    byte[] cut = Arrays.copyOf(scene, scene.length / 2);
    refused(client.post("/api/caption", "image/png", cut), 400, "invalid_image", "image of");
    byte[] words = "no image".getBytes(StandardCharsets.UTF_8);
    refused(client.post("/api/caption", "image/png", words), 400, "invalid_image", "image of");
    refused(client.post("/api/caption", "image/png", new byte[0]), 400, "invalid_image", "0 bytes");
    refused(
        client.post("/api/caption", Json.object().put("image", "data:image/png;base64,????")),
        400,
        "invalid_image_url",
        "base64");
    refused(
        client.post(
            "/api/caption", Json.object().put("image", Demo.url(words)).put("stream", true)),
        400,
        "invalid_image",
        "image of");
  }

  @Test
  void aHundredMegapixelsAreRefusedByTheirHeader() throws IOException {
    Answer answer = client.post("/api/caption", "image/png", header(10_000, 10_000));
    refused(answer, 400, "invalid_image", "10000");
  }

  /** A PNG that says how large it is and has no samples. */
  private static byte[] header(int width, int height) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(chunk);
    out.writeBytes("IHDR");
    out.writeInt(width);
    out.writeInt(height);
    out.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(chunk.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream whole = new DataOutputStream(file);
    whole.writeLong(0x89504e470d0a1a0aL);
    whole.writeInt(13);
    whole.write(chunk.toByteArray());
    whole.writeInt((int) crc.getValue());
    return file.toByteArray();
  }

  @Test
  void aBodyTooLongIsReadAndRefused() {
    refused(
        client.post("/api/caption", "image/png", new byte[3 * MOST]),
        413,
        "body_too_large",
        "300000 bytes) must be at most " + MOST);
    Answer chunked =
        client.send(
            client
                .request("/api/caption")
                .header("Content-Type", "image/png")
                .POST(
                    BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(new byte[2 * MOST]))));
    refused(chunked, 413, "body_too_large", "more than " + MOST);
  }

  @Test
  void otherTypesMethodsAndPathsAreRefused() {
    refused(
        client.post("/api/caption", "text/plain", new byte[1]),
        415,
        "wrong_content_type",
        "text/plain");
    refused(
        client.post("/api/ask", "image/png", Demo.scene(0)),
        415,
        "wrong_content_type",
        "image/png");
    Answer method = client.ask("/api/caption");
    refused(method, 405, "wrong_method", "POST");
    assertThat(method.header("Allow")).isEqualTo("POST");
    refused(client.ask("/api/nothing"), 404, "unknown_route", "/openapi.json");
    refused(client.ask("/api/images/a/b"), 404, "unknown_route", "/openapi.json");
    refused(client.ask("/../etc/passwd"), 404, "unknown_route", "/openapi.json");
  }

  @Test
  void aQuestionThatLeavesNoRoomIsRefused() {
    ObjectNode request = scene().put("question", "what is it? ".repeat(600));
    refused(client.post("/api/ask", request), 400, "invalid_value", "");
    refused(client.post("/api/chat", request), 400, "invalid_value", "");
  }

  @Test
  void streamsOfSeveralTextsAreRefused() {
    ObjectNode request = scene().put("stream", true);
    request.putObject("options").put("num_beams", 2);
    refused(client.post("/api/caption", request), 400, "invalid_value", "num_beams (2)");
  }
}
