package io.github.blip2j.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole conversations, written down before they begin: every line is answered though the input ends
 * behind the last one.
 */
class McpServiceTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static Blip2 writing;
  private static Blip2 matching;

  @TempDir Path root;
  private Path folder;
  private final List<String> lines = new ArrayList<>();

  @BeforeAll
  static void load() {
    writing = Demo.captioner();
    matching = Demo.matcher();
  }

  @AfterAll
  static void close() {
    writing.close();
    matching.close();
  }

  @BeforeEach
  void hello() throws IOException {
    folder = Demo.fill(root.toRealPath().resolve("photos"));
    request(
        "initialize",
        Map.of(
            "protocolVersion",
            "2025-06-18",
            "capabilities",
            Map.of(),
            "clientInfo",
            Map.of("name", "test", "version", "1")));
    lines.add("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
  }

  /** Adds a request; its id is the number of lines before it. */
  private int request(String method, Map<String, Object> params) {
    int id = lines.size();
    try {
      lines.add(
          MAPPER.writeValueAsString(
              Map.of("jsonrpc", "2.0", "id", id, "method", method, "params", params)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return id;
  }

  private int call(String tool, Map<String, Object> arguments) {
    return request("tools/call", Map.of("name", tool, "arguments", arguments));
  }

  /** Says everything; gives the answers in their order. */
  private List<JsonNode> answers(McpOptions options) throws Exception {
    String said = String.join("\n", lines) + "\n";
    return answers(options, new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<JsonNode> answers(McpOptions options, InputStream said) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    McpService.serve(options, said, out);
    List<JsonNode> answers = new ArrayList<>();
    for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
      answers.add(MAPPER.readTree(line)); // nothing else is ever written
    }
    return answers;
  }

  private List<JsonNode> answers() throws Exception {
    return answers(McpOptions.of(writing, matching, List.of(folder)));
  }

  private static JsonNode to(int id, List<JsonNode> answers) {
    List<JsonNode> found =
        answers.stream().filter(a -> a.path("id").asInt(-1) == id && a.get("id").isInt()).toList();
    assertThat(found).as("answers to %s in %s", id, answers).hasSize(1);
    return found.get(0);
  }

  private static String text(JsonNode answer) {
    assertThat(answer.at("/result/isError").asBoolean()).as(answer.toString()).isFalse();
    return answer.at("/result/content/0/text").asText();
  }

  private static String error(JsonNode answer) {
    assertThat(answer.at("/result/isError").asBoolean()).as(answer.toString()).isTrue();
    return answer.at("/result/content/0/text").asText();
  }

  @Test
  void itSaysWhatItIs() throws Exception {
    int list = request("tools/list", Map.of());
    List<JsonNode> answers = answers();
    JsonNode hello = to(0, answers);
    assertThat(hello.at("/result/serverInfo/name").asText()).isEqualTo("blip2");
    assertThat(hello.at("/result/protocolVersion").asText()).isEqualTo("2025-06-18");
    assertThat(hello.at("/result/instructions").asText()).contains("BLIP-2");
    JsonNode tools = to(list, answers).at("/result/tools");
    assertThat(tools.findValuesAsText("name"))
        .contains("caption_image", "ask_image", "match_image", "search_images");
    assertThat(tools).hasSize(4);
    for (JsonNode tool : tools) {
      assertThat(tool.at("/annotations/readOnlyHint").asBoolean()).isTrue();
      assertThat(tool.at("/annotations/openWorldHint").asBoolean(true)).isFalse();
      assertThat(tool.at("/inputSchema/required")).isNotEmpty();
      assertThat(tool.at("/inputSchema/additionalProperties").asBoolean(true)).isFalse();
      assertThat(tool.at("/outputSchema/required")).isNotEmpty();
      assertThat(tool.get("description").asText()).isNotBlank();
    }
  }

  @Test
  void aModelHasTheToolsThatItCanDo() throws Exception {
    int list = request("tools/list", Map.of());
    JsonNode written = to(list, answers(McpOptions.of(writing, null, List.of())));
    assertThat(written.at("/result/tools")).hasSize(2);
    JsonNode matched = to(list, answers(McpOptions.of(null, matching, List.of())));
    assertThat(matched.at("/result/tools")).hasSize(2);
    assertThat(matched.at("/result/tools/0/name").asText()).isEqualTo("match_image");
  }

  @Test
  void imagesAreDescribedAndAskedAbout() throws Exception {
    ImageSource image = ImageSource.of(folder.resolve("1.png"));
    String question = "what color is the circle?";
    int caption = call("caption_image", Map.of("image", "1.png"));
    int data = call("caption_image", Map.of("image", Demo.url(2)));
    int prompted =
        call(
            "caption_image",
            Map.of("image", "1.png", "prompt", "a picture of", "max_new_tokens", 2));
    int ask =
        call(
            "ask_image",
            Map.of("image", folder.resolve("1.png").toUri().toString(), "question", question));
    List<JsonNode> answers = answers();
    String right = writing.caption(image).text();
    assertThat(text(to(caption, answers))).isEqualTo(right);
    JsonNode fields = to(caption, answers).at("/result/structuredContent");
    assertThat(fields.get("text").asText()).isEqualTo(right);
    assertThat(fields.get("finish_reason").asText()).isEqualTo("eos");
    assertThat(text(to(data, answers)))
        .isEqualTo(writing.caption(ImageSource.of(Demo.scene(2))).text());
    assertThat(writing.caption(image, "a picture of").text())
        .startsWith(text(to(prompted, answers)));
    assertThat(to(prompted, answers).at("/result/structuredContent/finish_reason").asText())
        .isEqualTo("length");
    assertThat(text(to(ask, answers))).isEqualTo(writing.ask(image, question).text());
  }

  @Test
  void imagesAreMatchedAndFound() throws Exception {
    List<String> texts = List.of("a yellow circle", "a red square");
    int match = call("match_image", Map.of("image", "1.png", "texts", texts));
    int search = call("search_images", Map.of("query", texts.get(0), "limit", 2));
    List<JsonNode> answers = answers();
    List<Match> right = matching.matcher().match(ImageSource.of(folder.resolve("1.png")), texts);
    JsonNode matches = to(match, answers).at("/result/structuredContent/matches");
    for (int i = 0; i < 2; i++) {
      assertThat(matches.at("/" + i + "/text").asText()).isEqualTo(texts.get(i));
      assertThat(matches.at("/" + i + "/itm_probability").asDouble())
          .isCloseTo(right.get(i).itmProbability(), within(1e-6));
    }
    assertThat(text(to(match, answers))).contains("  a yellow circle\n");
    JsonNode found = to(search, answers).at("/result/structuredContent");
    assertThat(found.get("hits")).hasSize(2);
    assertThat(found.get("searched").asInt()).isEqualTo(Demo.SCENES);
    Path best = Path.of(found.at("/hits/0/image").asText());
    assertThat(best).startsWith(folder).exists();
    assertThat(text(to(search, answers))).contains(best.toString(), "6 images searched");
  }

  @Test
  void otherImagesAreRefused() throws Exception {
    Path secret = Files.write(root.resolve("secret.png"), Demo.scene(0));
    Files.createSymbolicLink(folder.resolve("link.png"), secret);
    List<Integer> refused = new ArrayList<>();
    for (String image :
        List.of(secret.toString(), "../secret.png", "link.png", secret.toUri().toString())) {
      refused.add(call("caption_image", Map.of("image", image)));
      refused.add(call("ask_image", Map.of("image", image, "question", "what is it?")));
      refused.add(call("match_image", Map.of("image", image, "texts", List.of("a"))));
    }
    int address = call("caption_image", Map.of("image", "http://127.0.0.1/a.png"));
    List<JsonNode> answers = answers();
    for (int id : refused) {
      assertThat(error(to(id, answers))).contains("must be a data: URI, or lie in one of");
    }
    assertThat(error(to(address, answers))).contains("must be a path");
  }

  @Test
  void whatIsWrongIsSaidToTheAssistant() throws Exception {
    Files.writeString(folder.resolve("broken.png"), "no image");
    int none = call("caption_image", Map.of("image", "none.png"));
    int broken = call("caption_image", Map.of("image", "broken.png"));
    int missing = call("ask_image", Map.of("image", "1.png"));
    int unknown = call("caption_image", Map.of("image", "1.png", "colour", "red"));
    int kind = call("match_image", Map.of("image", "1.png", "texts", "a"));
    int many = call("caption_image", Map.of("image", "1.png", "max_new_tokens", 1_000_000));
    int tool = call("paint_image", Map.of());
    int method = request("paint", Map.of());
    lines.add("rubbish");
    int last = request("ping", Map.of());
    List<JsonNode> answers = answers();
    assertThat(error(to(none, answers)))
        .contains("none.png: expected an image file, found nothing");
    assertThat(error(to(broken, answers))).isNotBlank();
    assertThat(error(to(missing, answers))).contains("question");
    assertThat(error(to(unknown, answers))).contains("colour");
    assertThat(error(to(kind, answers))).contains("texts");
    assertThat(error(to(many, answers))).contains("max_new_tokens");
    assertThat(to(tool, answers).at("/error/message").asText()).isNotBlank();
    assertThat(to(method, answers).at("/error/code").asInt()).isEqualTo(-32601);
    assertThat(answers).anyMatch(a -> a.at("/error/code").asInt() == -32700);
    assertThat(to(last, answers).has("result")).as("it goes on").isTrue();
  }

  /** It goes when the service has begun, before the first line. */
  @Test
  void aFolderThatIsGoneIsSaidToTheAssistant() throws Exception {
    int search = call("search_images", Map.of("query", "a red square"));
    int last = request("ping", Map.of());
    byte[] said = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    InputStream first =
        new InputStream() {
          @Override
          public int read() {
            return -1;
          }

          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            Files.move(folder, root.resolve("moved"));
            return read();
          }
        };
    List<JsonNode> answers =
        answers(
            McpOptions.of(null, matching, List.of(folder)),
            new SequenceInputStream(first, new ByteArrayInputStream(said)));
    assertThat(error(to(search, answers))).contains(folder + ": the folder cannot be read");
    assertThat(to(last, answers).has("result")).as("it goes on").isTrue();
  }

  @Test
  void nothingIsLeftOfAService() throws Exception {
    call("search_images", Map.of("query", "a red square"));
    answers();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("stdio-")) {
        thread.join(); // it ends; a test that waits here for ever has found one
      }
    }
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> McpOptions.of(null, null, List.of()))
        .hasMessageContaining("writing or matching must be a model");
    assertThatThrownBy(() -> McpOptions.of(matching, null, List.of()))
        .hasMessageContaining("must be a model that writes");
    assertThatThrownBy(() -> McpOptions.of(writing, writing, List.of()))
        .hasMessageContaining("must be a model that matches");
    assertThatThrownBy(() -> McpOptions.of(writing, null, List.of()).withIndex(root))
        .hasMessageContaining("needs a model that matches");
    assertThatThrownBy(() -> new McpOptions(writing, null, List.of(), null, 0))
        .hasMessageContaining("newTokens (0) must be at least 1");
    assertThatThrownBy(
            () ->
                McpService.serve(
                    McpOptions.of(writing, null, List.of(root.resolve("none"))),
                    new ByteArrayInputStream(new byte[0]),
                    new ByteArrayOutputStream()))
        .hasMessageContaining("expected a folder");
  }
}
