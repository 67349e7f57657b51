package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands with BLIP-2's relatives: the reference's texts, and InstructBLIP's defaults. */
class RelativesCommandsTest {
  private static final String VICUNA = Fixtures.directory("tiny-instructblip-vicuna").toString();

  @TempDir Path folder;

  static List<String> checkpoints() {
    return Fixtures.RELATIVES;
  }

  private static String image(String name) {
    return Fixtures.image(name).toString();
  }

  private static List<Integer> ids(JsonNode line) {
    List<Integer> ids = new ArrayList<>();
    line.get("token_ids").forEach(id -> ids.add(id.intValue()));
    return ids;
  }

  /** Each request has its own instruction. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void aBatchIsTheReferences(String name) throws IOException {
    Path directory = Fixtures.directory(name);
    List<Integer> ends = Checkpoint.open(directory).config().text().endTokens();
    List<Golden.Case> cases = new Golden(directory).cases("greedy", "beam3");
    StringBuilder input = new StringBuilder();
    for (Golden.Case one : cases) {
      ObjectNode request = Output.MAPPER.createObjectNode();
      request.put("image", image(one.images().get(0)));
      request.put("prompt", Objects.requireNonNull(one.prompts()).get(0));
      one.arguments().properties().forEach(a -> request.set(a.getKey(), a.getValue()));
      input.append(request).append('\n');
    }
    Run run = Run.with(input.toString(), "batch", "--model", directory.toString());
    assertThat(run.status()).as(run.err()).isZero();
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSize(8);
    for (int i = 0; i < cases.size(); i++) {
      assertThat(ids(lines.get(i)))
          .as("%s", cases.get(i))
          .isEqualTo(cases.get(i).expected(0, ends));
    }
  }

  /** A line about several images is named by all of them, and answers as the reference does. */
  @ParameterizedTest
  @MethodSource("instructed")
  void aBatchTakesSeveralImagesInOnePrompt(String name) throws IOException {
    Path directory = Fixtures.directory(name);
    List<Integer> ends = Checkpoint.open(directory).config().text().endTokens();
    List<Golden.Case> cases = new Golden(directory, "several").cases("several");
    StringBuilder input = new StringBuilder();
    for (Golden.Case one : cases) {
      ObjectNode request = Output.MAPPER.createObjectNode();
      one.images().forEach(i -> request.withArray("images").add(image(i)));
      request.put("prompt", Objects.requireNonNull(one.prompts()).get(0));
      one.arguments().properties().forEach(a -> request.set(a.getKey(), a.getValue()));
      input.append(request).append('\n');
    }
    String first = image("landscape.png");
    ObjectNode rank = Output.MAPPER.createObjectNode().put("task", "rank").put("prompt", "a");
    rank.withArray("images").add(first).add(image("gray.png"));
    rank.withArray("candidates").add("cat").add("dog");
    input.append(rank);
    Run run = Run.with(input.toString(), "batch", "--model", directory.toString());
    assertThat(run.status()).as(run.err()).isZero();
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSize(7); // two sequences of the last case
    for (int i = 0; i < cases.size(); i++) {
      assertThat(ids(lines.get(i)))
          .as("%s", cases.get(i))
          .isEqualTo(cases.get(i).expected(0, ends));
      assertThat(lines.get(i).get("images")).hasSameSizeAs(cases.get(i).images());
    }
    assertThat(lines.get(6).get("images").get(0).textValue()).isEqualTo(first);
    assertThat(lines.get(6).get("candidates")).hasSize(2);
  }

  static List<String> instructed() {
    return Fixtures.INSTRUCTED;
  }

  /** What cannot be is a line with its reason, and what is behind it is answered. */
  @Test
  void severalImagesThatCannotBeAreLinesWithTheirReason() throws IOException {
    String one = image("tiny.png");
    String input =
        String.join(
            "\n",
            "{\"images\": [\"" + one + "\", \"" + one + "\"]}",
            "{\"images\": [\"" + one + "\"], \"max_new_tokens\": 2}",
            "{\"images\": [\"" + one + "\"], \"image\": \"" + one + "\"}",
            "{\"images\": []}",
            "{\"images\": [\"" + one + "\", \"missing.png\"]}",
            "{\"images\": [7]}");
    String model = Fixtures.directory("tiny-blip2-llama").toString();
    Run run = Run.with(input, "batch", "--model", model);
    assertThat(run.status()).isEqualTo(1);
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSize(6);
    assertThat(lines.get(0).get("error").textValue()).contains("images (2) must be 1");
    assertThat(lines.get(1).has("error")).isFalse();
    assertThat(ids(lines.get(1))).hasSize(2);
    assertThat(lines.get(2).get("error").textValue()).contains("one of image and images");
    assertThat(lines.get(3).get("error").textValue()).contains("at least one, found none");
    assertThat(lines.get(4).get("error").textValue()).contains("missing.png");
    assertThat(lines.get(5).get("error").textValue()).contains("images: expected a string");
  }

  @Test
  void aCaptionWithoutAPromptHasInstructBlipsOwn() {
    String imageInput = image("landscape.png");
    Run bare = Run.of("caption", "--model", VICUNA, "--json", imageInput);
    Run said =
        Run.of(
            "caption",
            "--model",
            VICUNA,
            "--json",
            "--prompt",
            "A short image caption.",
            imageInput);
    Run other =
        Run.of("caption", "--model", VICUNA, "--json", "--prompt", "a photo of", imageInput);
    assertThat(bare.status()).as(bare.err()).isZero();
    assertThat(token(bare)).isEqualTo(token(said)).isNotEqualTo(token(other));
  }

  private static List<Integer> token(Run run) {
    try {
      return ids(run.json().get(0));
    } catch (IOException e) {
      throw new AssertionError(run.out(), e);
    }
  }

  @Test
  void aQuestionHasInstructBlipsTemplateUnlessAnotherIsGiven() {
    String imageInput = image("portrait.png");
    Run bare = Run.of("ask", "--model", VICUNA, "--json", imageInput, "where?");
    Run said =
        Run.of(
            "ask",
            "--model",
            VICUNA,
            "--json",
            "--template",
            "Question: {} Short Answer:",
            imageInput,
            "where?");
    Run other =
        Run.of(
            "ask",
            "--model",
            VICUNA,
            "--json",
            "--template",
            "Question: {} Answer:",
            imageInput,
            "where?");
    assertThat(bare.status()).as(bare.err()).isZero();
    assertThat(token(bare)).isEqualTo(token(said)).isNotEqualTo(token(other));
  }

  @Test
  void anEncodedImageServesAnyInstruction() {
    Golden golden = new Golden(Path.of(VICUNA));
    Golden.Case one = golden.cases("greedy").get(0);
    String file = folder.resolve("image.safetensors").toString();
    String imageInput = image(one.images().get(0));
    Run encoded = Run.of("encode", "--model", VICUNA, "--out", file, imageInput);
    assertThat(encoded.status()).as(encoded.err()).isZero();
    for (String prompt : List.of("a photo of", "where is it?")) {
      Run direct = Run.of("caption", "--model", VICUNA, "--prompt", prompt, imageInput);
      Run kept = Run.of("caption", "--model", VICUNA, "--prompt", prompt, file);
      assertThat(kept.out()).isNotBlank().isEqualTo(direct.out());
    }
    Run refused =
        Run.of("caption", "--model", Fixtures.directory("tiny-instructblip-t5").toString(), file);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("expected one of checkpoint");
  }

  @Test
  void aPromptThatTheQFormerCannotReadIsRefused() {
    Run run =
        Run.of("caption", "--model", VICUNA, "--prompt", "cat ".repeat(70), image("landscape.png"));
    assertThat(run.status()).isNotZero();
    assertThat(run.err()).contains("tokens for the Q-Former").contains("must be at most 64");
  }
}
