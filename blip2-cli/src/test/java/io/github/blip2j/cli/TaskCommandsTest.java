package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands beyond caption and ask, against the reference's results. */
class TaskCommandsTest {
  private static final String OPT = Fixtures.directory("tiny-opt").toString();
  private static final String ITM = Fixtures.directory("tiny-itm").toString();

  @TempDir Path folder;

  private static String image(String name) {
    return Fixtures.image(name).toString();
  }

  private static JsonNode golden(String checkpoint, String file) throws IOException {
    return Output.MAPPER.readTree(Files.readAllBytes(Fixtures.directory(checkpoint).resolve(file)));
  }

  @Test
  void anEncodedImageStandsForItsImage() {
    Golden.Case c = new Golden(Path.of(OPT)).cases("caption").get(0);
    String file = folder.resolve("image.safetensors").toString();
    String imageInput = image(c.images().get(0));
    Run encoded = Run.of("encode", "--model", OPT, "--out", file, imageInput);
    assertThat(encoded.status()).as(encoded.err()).isZero();
    assertThat(Run.of("caption", "--model", OPT, file).out().strip()).isEqualTo(c.texts().get(0));
    String other = Fixtures.directory("tiny-opt-bf16").toString();
    Run refused = Run.of("caption", "--model", other, file);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("expected one of checkpoint");
  }

  @Test
  void severalQuestionsHaveALineEach() throws IOException {
    String imageInput = image("portrait.png");
    Run run =
        Run.of("ask", "--model", OPT, "--json", imageInput, "how many cats are there?", "where?");
    assertThat(run.status()).as(run.err()).isZero();
    Golden.Case c = new Golden(Path.of(OPT)).cases("greedy").get(1);
    assertThat(run.json()).hasSize(2);
    assertThat(run.json().get(0).get("text").textValue()).isEqualTo(c.texts().get(0));
    Run alone = Run.of("ask", "--model", OPT, "--json", imageInput, "where?");
    assertThat(alone.json().get(0).get("token_ids")).isEqualTo(run.json().get(1).get("token_ids"));
  }

  @Test
  void aConversationInTheTerminal() throws IOException {
    JsonNode steps = golden("tiny-opt", "dialogue.json").get("steps");
    String saved = folder.resolve("chat.safetensors").toString();
    String input =
        String.join(
            "\n",
            steps.get(0).get("question").textValue(),
            steps.get(1).get("question").textValue(),
            "/undo",
            "/save " + saved,
            "/nonsense",
            "/image nowhere.png",
            "/restore " + saved,
            steps.get(1).get("question").textValue(),
            "/history",
            "/undo",
            "/undo",
            "/undo",
            "/quit",
            "never asked");
    Run run =
        Run.with(input, "chat", "--model", OPT, "--max-new-tokens", "5", image("landscape.png"));
    assertThat(run.status()).as(run.err()).isZero();
    List<String> lines = run.out().lines().map(l -> l.replaceFirst("^(> )+", "")).toList();
    String first = steps.get(0).get("text").textValue();
    String second = steps.get(1).get("text").textValue();
    assertThat(lines.get(0)).isEqualTo(first);
    assertThat(lines.get(1)).isEqualTo(second);
    assertThat(lines.get(2)).isEqualTo("undone: where are they?");
    assertThat(lines.get(3)).contains("/undo, /image FILE");
    assertThat(lines.get(4)).startsWith("blip2: ").contains("nowhere.png");
    assertThat(lines.get(5)).isEqualTo(second);
    assertThat(run.out()).contains("how many cats are there?\n  " + first);
    assertThat(run.out()).contains("there must be a turn to undo");
    assertThat(run.out()).doesNotContain("never asked");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void ranksAsTheReference(String checkpoint) throws IOException {
    JsonNode golden = golden(checkpoint, "ranking.json");
    var request = Output.MAPPER.createObjectNode();
    request.put("task", "rank").put("image", image(golden.get("image").textValue()));
    request.put("prompt", golden.get("prompt").textValue());
    golden.get("candidates").forEach(c -> request.withArray("candidates").add(c.get("text")));
    String model = Fixtures.directory(checkpoint).toString();
    Run run = Run.with(request.toString(), "batch", "--model", model);
    assertThat(run.status()).as(run.out()).isZero();
    JsonNode found = run.json().get(0);
    Map<String, Double> expected = new HashMap<>();
    golden
        .get("candidates")
        .forEach(c -> expected.put(c.get("text").asText(), c.get("log_probability").asDouble()));
    double sum = 0;
    double before = 0;
    for (int i = 0; i < 200; i++) {
      String candidate = found.get("candidates").get(i).textValue();
      double right = Objects.requireNonNull(expected.get(candidate), candidate);
      double logProbability = found.get("log_probabilities").get(i).doubleValue();
      assertThat(logProbability).isCloseTo(right, within(1e-4 * Math.abs(right)));
      assertThat(logProbability).isLessThanOrEqualTo(before);
      before = logProbability;
      sum += found.get("probabilities").get(i).doubleValue();
    }
    assertThat(sum).isCloseTo(1, within(1e-9));
    String[] arguments = {
      "rank", "--model", model, "--prompt", "Answer:", image("tiny.png"), "two", "cats", "a"
    };
    List<String> printed = new ArrayList<>();
    Run.of(arguments).out().lines().forEach(l -> printed.add(l.split("  ")[2]));
    String[] json = Arrays.copyOf(arguments, arguments.length + 1);
    json[arguments.length] = "--json";
    List<String> listed = new ArrayList<>();
    Run.of(json).json().get(0).get("candidates").forEach(c -> listed.add(c.textValue()));
    assertThat(printed).isEqualTo(listed).hasSize(3);
  }

  @Test
  void matchesAsTheReference() throws IOException {
    StringBuilder input = new StringBuilder();
    JsonNode cases = golden("tiny-itm", "golden.json").get("cases");
    for (JsonNode c : cases) {
      var request = Output.MAPPER.createObjectNode();
      request.put("task", "match").put("image", image(c.get("image").textValue()));
      request.set("texts", c.get("texts"));
      input.append(request).append('\n');
    }
    input.append("{\"task\": \"match\", \"image\": \"x.png\", \"texts\": [\"a\"], \"top\": 1}\n");
    input.append("{\"task\": \"dance\", \"image\": \"x.png\"}\n");
    Run run = Run.with(input.toString(), "batch", "--model", ITM);
    assertThat(run.status()).isEqualTo(1);
    for (int i = 0; i < cases.size(); i++) {
      JsonNode found = run.json().get(i);
      for (int text = 0; text < 4; text++) {
        for (String name : List.of("itm_probability", "itc_similarity")) {
          assertThat(found.get(name).get(text).doubleValue())
              .isCloseTo(cases.get(i).get(name).get(text).doubleValue(), within(1e-4));
        }
      }
    }
    assertThat(run.json().get(5).get("error").textValue()).contains("found top");
    assertThat(run.json().get(6).get("error").textValue()).contains("generate, match or rank");
    Run printed = Run.of("match", "--model", ITM, image("tiny.png"), "a rocket", "two cats");
    assertThat(printed.out().lines()).hasSize(2);
    Run wrong = Run.of("match", "--model", OPT, image("tiny.png"), "a rocket");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("Blip2ForImageTextRetrieval");
  }

  @Test
  void precisionsAreComparedAndTheirFilesListed() {
    String imageInput = Path.of("..", "samples", "scene-00.png").toString();
    Run quality = Run.of("quality", "--backend", "onnx", "--precision", "int8", imageInput);
    assertThat(quality.status()).as(quality.err()).isZero();
    assertThat(quality.out()).startsWith("onnx int8: 1 texts; first token agrees");
    assertThat(Run.of("quality", imageInput).err()).contains("--precision or --draft must");
    assertThat(Run.of("cache", "list").out()).contains("language_model of").contains(" files");
    Run draft = Run.of("quality", "--backend", "onnx", "--draft", "int4", imageInput);
    assertThat(draft.out()).contains("whole text 100.0 %").contains("guesses taken");
    Run none = Run.of("caption", "--backend", "djl", "--draft", "int4", imageInput);
    assertThat(none.err()).contains("draft (int4) must be one that backend djl has on cpu");
    Run usual = Run.of("caption", "--precision", "auto", imageInput);
    assertThat(usual.out()).isEqualTo(Run.of("caption", imageInput).out()).isNotEmpty();
    Run wrong = Run.of("caption", "--precision", "int3", imageInput);
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("precision (int3) must be one of");
  }

  @Test
  void vectorsArePrinted() throws IOException {
    Run run = Run.of("embed", "--model", ITM, "--image", image("tiny.png"), "--text", "a rocket");
    JsonNode found = run.json().get(0);
    assertThat(found.get("queries")).hasSize(6);
    assertThat(found.get("queries").get(0)).hasSize(32);
    assertThat(found.get("projected").get(0)).hasSize(20);
    assertThat(found.get("multimodal")).hasSize(6);
    assertThat(found.get("embedding")).hasSize(20);
    assertThat(Run.of("embed", "--model", ITM).status()).isEqualTo(2);
  }

  @Test
  void anIndexIsFilledAndSearched() throws IOException {
    String index = folder.resolve("index").toString();
    Run added =
        Run.of(
            "index",
            "add",
            "--model",
            ITM,
            "--index",
            index,
            "--field",
            "album=one",
            image("tiny.png"),
            image("landscape.png"),
            "nowhere.png");
    assertThat(added.status()).isEqualTo(1); // for the image that is not there
    assertThat(added.err()).contains("2 images").contains("nowhere.png");
    Run found =
        Run.of(
            "index",
            "search",
            "--model",
            ITM,
            "--index",
            index,
            "--rerank",
            "10",
            "--json",
            "a rocket");
    assertThat(found.json()).hasSize(2);
    assertThat(found.json().get(0).has("itm_probability")).isTrue();
    Run like =
        Run.of("index", "search", "--model", ITM, "--index", index, "--image", image("tiny.png"));
    assertThat(like.out().lines().findFirst().orElseThrow())
        .isEqualTo("1.0000  " + image("tiny.png"));
    Run.of("index", "delete", "--model", ITM, "--index", index, image("tiny.png"));
    Run filtered =
        Run.of(
            "index", "search", "--model", ITM, "--index", index, "--field", "album=one", "a cup");
    assertThat(filtered.out().lines()).hasSize(1);
    Run none =
        Run.of(
            "index", "search", "--model", ITM, "--index", index, "--field", "album=two", "a cup");
    assertThat(none.out()).isEmpty();
  }
}
