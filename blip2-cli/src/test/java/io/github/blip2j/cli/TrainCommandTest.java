package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code blip2 train}, whose results other commands load. */
class TrainCommandTest {
  private static final String BASE = Fixtures.directory(Fixtures.ADAPTED).toString();
  private static final String IMAGE = Fixtures.image("landscape.png").toString();

  @TempDir Path folder;
  private Path pairs;

  @BeforeEach
  void writePairs() throws IOException {
    Files.copy(Fixtures.image("landscape.png"), folder.resolve("one.png"));
    Files.copy(Fixtures.image("portrait.png"), folder.resolve("two.png"));
    pairs =
        Files.writeString(
            folder.resolve("pairs.jsonl"),
            """
            {"image": "one.png", "text": "two cats laying on a couch"}

            {"image": "two.png", "text": "a cup of coffee"}
            {"image": "one.png", "prompt": "Question: how many cats? Answer:", "text": "two"}
            """);
  }

  private String run() {
    return folder.resolve("run").toString();
  }

  private Run train(String... more) {
    List<String> all =
        new ArrayList<>(List.of("train", "--model", BASE, "--examples", pairs.toString()));
    all.addAll(List.of("--output", run(), "--steps", "4", "--batch", "2", "--rate", "2e-3"));
    all.addAll(List.of(more));
    return Run.of(all.toArray(String[]::new));
  }

  @Test
  void anAdapterIsTrainedAndLoads() throws IOException {
    Run trained = train("--rank", "4", "--validation", pairs.toString());
    assertThat(trained.status()).as(trained.err()).isZero();
    assertThat(trained.out().lines()).hasSize(6); // four steps, a look at the end, the folder
    assertThat(trained.out())
        .contains("step 1 of 4: loss ", "step 4 of 4: validation ", "use it with --adapter");
    assertThat(Files.readAllLines(Path.of(run(), "log.jsonl"))).hasSize(5);
    Run used = Run.of("caption", "--model", BASE, "--adapter", run() + "/adapter", "--json", IMAGE);
    assertThat(used.status()).as(used.err()).isZero();
    Run base = Run.of("caption", "--model", BASE, "--json", IMAGE);
    assertThat(used.out()).isNotEqualTo(base.out());
  }

  @Test
  void aQFormerIsTrainedAndIsACheckpoint() throws IOException {
    Run trained = train("--part", "qformer", "--json");
    assertThat(trained.status()).as(trained.err()).isZero();
    List<JsonNode> lines = trained.json();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(3).get("step").intValue()).isEqualTo(4);
    assertThat(lines.get(3).get("loss").doubleValue())
        .isLessThan(lines.get(0).get("loss").doubleValue());
    Run used = Run.of("caption", "--model", lines.get(4).get("output").textValue(), IMAGE);
    assertThat(used.status()).as(used.err()).isZero();
  }

  /** What has been done is not done again, and is not overwritten by a slip. */
  @Test
  void aTrainingGoesOnWhereAskedTo() throws IOException {
    assertThat(train("--rank", "4").status()).isZero();
    Run again = train("--rank", "4");
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("found " + run()).contains("--resume goes on from it");
    Run done = train("--rank", "4", "--resume");
    assertThat(done.err()).contains("expected no result yet");
  }

  @Test
  void moreStepsGoOnFromTheState() throws IOException {
    assertThat(train("--rank", "4").status()).isZero();
    Files.move(Path.of(run(), "adapter"), folder.resolve("kept"));
    Run more =
        Run.of(
            "train",
            "--model",
            BASE,
            "--examples",
            pairs.toString(),
            "--output",
            run(),
            "--resume",
            "--steps",
            "6",
            "--batch",
            "2",
            "--rank",
            "4");
    assertThat(more.status()).as(more.err()).isZero();
    assertThat(more.out()).startsWith("step 5 of 6: ").contains("step 6 of 6: ");
  }

  private void refused(String text, String message) throws IOException {
    Files.writeString(pairs, text);
    Run run = train();
    assertThat(run.status()).as(text).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(Path.of(run())).doesNotExist();
  }

  @Test
  void wrongExamplesAreNamedBeforeAnythingIsLoaded() throws IOException {
    refused("", "expected a JSON object a line, with image and text, found none");
    refused("{\"image\": \"one.png\"}", "line 1: text");
    refused(
        "\n{\"image\": \"none.png\", \"text\": \"a\"}",
        "line 2: image: expected a file, found none at");
    refused(
        "{\"image\": \"one.png\", \"text\": \"a\", \"label\": 1}",
        "line 1: expected [image, prompt, text], found label");
    refused("{\"image\": \"one.png\", \"text\": \" \"}", "line 1: text must have letters");
    refused("cats", "line 1: expected a JSON object");
  }

  @Test
  void wrongNumbersAndBackendsAreRefused() {
    assertThat(train("--seed", "x").err()).contains("--seed");
    Run rank = train("--rank", "0");
    assertThat(rank.err()).contains("rank (0) must be at least 1");
    Run backend = train("--backend", "onnx");
    assertThat(backend.status()).isEqualTo(1);
    assertThat(backend.err()).contains("such as djl, found onnx");
    Run nothing = train("--resume");
    assertThat(nothing.err()).contains("--resume: expected the state of a training");
  }
}
