package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands with several images in one prompt: the reference's tokens, in the order of the command
 * line; and who takes one only.
 */
class SeveralImagesCommandsTest {
  private static final Path T5 = Fixtures.directory("tiny-instructblip-t5");
  private static final String OPT = Fixtures.directory("tiny-opt").toString();
  private static final String ONE = image("landscape.png");
  private static final String OTHER = image("portrait.png");

  @TempDir Path folder;

  private static String image(String name) {
    return Fixtures.image(name).toString();
  }

  private static List<String> images(Golden.Case one) {
    return one.images().stream().map(SeveralImagesCommandsTest::image).toList();
  }

  private static String prompt(Golden.Case one) {
    return Objects.requireNonNull(one.prompts()).get(0);
  }

  /** A case's arguments as options, for lines of JSON. */
  private static List<String> options(Path model, Golden.Case one) {
    List<String> options = new ArrayList<>(List.of("--json", "--model", model.toString()));
    one.arguments()
        .properties()
        .forEach(
            a -> {
              options.add("--" + a.getKey().replace('_', '-'));
              options.add(a.getValue().asText());
            });
    return options;
  }

  private static Run run(String command, List<String> options, List<String> words) {
    return Run.of(
        Stream.of(Stream.of(command), options.stream(), words.stream())
            .flatMap(s -> s)
            .toArray(String[]::new));
  }

  private static void check(Run run, Path model, Golden.Case one) throws IOException {
    assertThat(run.status()).as(run.err()).isZero();
    List<Integer> ends = Checkpoint.open(model).config().text().endTokens();
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSameSizeAs(one.newIds());
    for (int row = 0; row < lines.size(); row++) {
      List<Integer> ids = new ArrayList<>();
      lines.get(row).get("token_ids").forEach(id -> ids.add(id.intValue()));
      assertThat(ids).as("%s", one).isEqualTo(one.expected(row, ends));
      List<String> named = new ArrayList<>();
      lines.get(row).get("images").forEach(name -> named.add(name.textValue()));
      assertThat(named).isEqualTo(images(one));
    }
  }

  /** All cases but that of the empty prompt, which a caption has in its own words. */
  @Test
  void captionsTogetherAreTheReferences() throws IOException {
    for (String name : List.of("tiny-instructblip-t5", "tiny-instructblip-vicuna")) {
      Path model = Fixtures.directory(name);
      List<Golden.Case> cases = new Golden(model, "several").cases("several").subList(0, 4);
      assertThat(cases.get(0).newIds()).as("order").isNotEqualTo(cases.get(1).newIds());
      for (Golden.Case one : cases) {
        List<String> options = options(model, one);
        options.addAll(List.of("--together", "--prompt", prompt(one)));
        check(run("caption", options, images(one)), model, one);
      }
    }
  }

  @Test
  void aQuestionAboutAnImageWithOthersIsTheReferences() throws IOException {
    Golden.Case one = new Golden(T5, "several").cases("several").get(3);
    List<String> images = images(one);
    String question = "how many cats are there?";
    assertThat(prompt(one)).isEqualTo("Question: " + question + " Answer:");
    List<String> options = options(T5, one);
    options.addAll(List.of("--template", "Question: {} Answer:"));
    List<String> words =
        List.of(images.get(0), "--with", images.get(1), "--with", images.get(2), question);
    check(run("ask", options, words), T5, one);
  }

  /** As files in a folder are those of a video. */
  @Test
  void aFolderTogetherIsItsImagesInTheOrderOfTheirNames() throws IOException {
    Files.copy(Path.of(OTHER), folder.resolve("frame-1.png"));
    Files.copy(Path.of(ONE), folder.resolve("frame-2.png"));
    Golden.Case one = new Golden(T5, "several").cases("several").get(1);
    List<String> options = options(T5, one);
    options.remove("--json");
    options.addAll(List.of("--together", "--prompt", prompt(one)));
    Run run = run("caption", options, List.of(folder.toString()));
    assertThat(run.out().strip()).as(run.err()).isEqualTo(one.texts().get(0).strip());
    Run streamed =
        run(
            "caption",
            Stream.concat(options.stream(), Stream.of("--stream")).toList(),
            List.of(folder.toString()));
    assertThat(streamed.out()).isEqualTo(run.out());
  }

  @Test
  void ranksAndConversationsTakeThemToo() throws IOException {
    List<String> options = List.of("--json", "--model", T5.toString());
    List<String> two = List.of(ONE, "--with", OTHER, "cat", "dog");
    List<JsonNode> both = run("rank", options, two).json();
    assertThat(both.get(0).get("images")).hasSize(2);
    JsonNode alone = run("rank", options, List.of(ONE, "cat", "dog")).json().get(0);
    assertThat(alone.get("image").textValue()).isEqualTo(ONE);
    assertThat(both.get(0).get("log_probabilities")).isNotEqualTo(alone.get("log_probabilities"));
    Run chat =
        Run.with("where?\n", "chat", "--json", "--model", T5.toString(), ONE, "--with", OTHER);
    assertThat(chat.status()).as(chat.err()).isZero();
    assertThat(chat.json().get(0).get("images").get(1).textValue()).isEqualTo(OTHER);
    Run first = Run.with("where?\n", "chat", "--json", "--model", T5.toString(), ONE);
    assertThat(chat.json().get(0).get("token_ids"))
        .isNotEqualTo(first.json().get(0).get("token_ids"));
  }

  @Test
  void aModelThatTakesOneRefusesThemByName() {
    for (Run run :
        List.of(
            Run.of("caption", "--model", OPT, "--together", ONE, OTHER),
            Run.of("ask", "--model", OPT, ONE, "--with", OTHER, "what is it?"),
            Run.of("rank", "--model", OPT, ONE, "--with", OTHER, "cat", "dog"))) {
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).contains("images (2) must be 1 for this checkpoint", "InstructBLIP");
      assertThat(run.out()).isEmpty();
    }
    Run one = Run.of("caption", "--model", OPT, "--together", ONE);
    assertThat(one.status()).as(one.err()).isZero();
    assertThat(one.out()).isEqualTo(Run.of("caption", "--model", OPT, ONE).out());
  }

  /** One that is not there fails them all, and is found before a model is loaded. */
  @Test
  void aMissingImageIsToldAndAllAreNamed() throws IOException {
    String missing = folder.resolve("none.png").toString();
    Run run = Run.of("caption", "--json", "--model", "nowhere", "--together", ONE, missing);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.json()).hasSize(1);
    assertThat(run.json().get(0).get("images").get(0).textValue()).isEqualTo(ONE);
    assertThat(run.json().get(0).get("images").get(1).textValue()).isEqualTo(missing);
    assertThat(run.json().get(0).get("error").textValue()).contains("none.png");
    Run ask = Run.of("ask", "--model", "nowhere", ONE, "--with", missing, "what?");
    assertThat(ask.status()).isEqualTo(1);
    assertThat(ask.err()).contains("none.png").doesNotContain("nowhere");
  }

  @Test
  void aFileOfResultsHasARowForEachImage() {
    String to = folder.resolve("out.csv").toString();
    Run run = Run.of("caption", "--model", OPT, "--together", "--output", to, ONE, OTHER);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--output must not be given with --together");
  }

  /** A failed line of a batch names what it was about, whatever is wrong with it. */
  @Test
  void aFailedLineNamesItsImages() throws IOException {
    String data = "data:image/png;base64,AAAA";
    Run run =
        Run.with(
            String.join(
                "\n",
                "{\"images\": [\"" + ONE + "\", \"none.png\"]}",
                "{\"images\": [\"" + ONE + "\", \"" + OTHER + "\"], \"prompt\": \"a\"}",
                "{\"images\": [7, \"b.png\", \"" + data + "\"]}",
                "{\"images\": [\"a.png\"], \"image\": \"b.png\"}",
                "{\"images\": 7, \"image\": \"b.png\"}",
                "{\"images\": []}"),
            "batch",
            "--model",
            OPT);
    assertThat(run.status()).isEqualTo(1);
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSize(6).allMatch(line -> line.hasNonNull("error"));
    assertThat(lines.get(0).get("images").toString()).isEqualTo("[\"" + ONE + "\",\"none.png\"]");
    assertThat(lines.get(0).has("image")).isFalse();
    assertThat(lines.get(1).get("images")).hasSize(2);
    assertThat(lines.get(1).get("prompt").textValue()).isEqualTo("a");
    assertThat(lines.get(2).get("images").toString())
        .isEqualTo("[\"b.png\",\"data:image/png;base64,…\"]");
    assertThat(lines.get(3).get("images").toString()).isEqualTo("[\"a.png\"]");
    assertThat(lines.get(4).get("image").textValue()).isEqualTo("b.png");
    assertThat(lines.get(5).get("image").isNull()).isTrue();
  }
}
