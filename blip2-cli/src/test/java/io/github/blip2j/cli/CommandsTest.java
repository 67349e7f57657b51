package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandsTest {
  private static final Path OPT = Fixtures.directory("tiny-opt");
  private static final String MODEL = OPT.toString();
  private final Golden golden = new Golden(OPT);

  private static String image(String name) {
    return Fixtures.image(name).toString();
  }

  @Test
  void captionPrintsTheText() {
    Golden.Case c = golden.cases("caption").get(0);
    String input = image(c.images().get(0));
    Run one = Run.of("caption", "--model", MODEL, input);
    assertThat(one.status()).isZero();
    assertThat(one.out().strip()).isEqualTo(c.texts().get(0));
    assertThat(one.err()).isEmpty();
    Run two = Run.of("caption", "--model", MODEL, "--backend", "djl", input, image("tiny.png"));
    assertThat(two.out().lines().toList().get(0)).isEqualTo(input + ": " + c.texts().get(0));
    assertThat(two.out().lines()).hasSize(2);
  }

  @Test
  void captionTakesAPromptALengthAndJson() throws IOException {
    Golden.Case c = golden.cases("greedy").get(0);
    Run run =
        Run.of(
            "caption",
            "--model",
            MODEL,
            "--prompt",
            "a photo of",
            "--max-new-tokens",
            "4",
            "--json",
            image(c.images().get(0)));
    assertThat(run.status()).isZero();
    assertThat(run.json()).hasSize(1);
    assertThat(run.json().get(0).get("token_ids")).hasSize(4);
    assertThat(run.json().get(0).get("token_ids").get(3).intValue())
        .isEqualTo(c.newIds().get(0).get(3));
  }

  @Test
  void captionStreamsAndPrintsSeveralSequences() throws IOException {
    Golden.Case c = golden.cases("caption").get(0);
    String input = image(c.images().get(0));
    Run streamed = Run.of("caption", "--model", MODEL, "--stream", input);
    assertThat(streamed.out().strip()).isEqualTo(c.texts().get(0));
    Run drawn =
        Run.of(
            "caption",
            "--model",
            MODEL,
            "--json",
            "--do-sample",
            "--seed",
            "5",
            "--num-return-sequences",
            "3",
            "--temperature",
            "2",
            input);
    assertThat(drawn.status()).as(drawn.err()).isZero();
    assertThat(drawn.json()).hasSize(3);
    assertThat(drawn.json().get(2).get("sequence_index").intValue()).isEqualTo(2);
    Run beams = Run.of("caption", "--model", MODEL, "--preset", "coco-caption", input);
    assertThat(beams.status()).as(beams.err()).isZero();
    Run wrong = Run.of("caption", "--model", MODEL, "--stream", "--num-beams", "2", input);
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("num_beams (2)");
  }

  @Test
  void askPutsTheQuestionIntoTheTemplate() {
    Golden.Case c = golden.cases("greedy").get(1);
    Run run = Run.of("ask", "--model", MODEL, image(c.images().get(0)), "how many cats are there?");
    assertThat(run.status()).isZero();
    assertThat(run.out().strip()).isEqualTo(c.texts().get(0));
  }

  @Test
  void presetsBringTheirPromptsWhereTheyFit() {
    String input = image("photo.jpg");
    for (String preset : List.of("coco-caption", "lavis-vqa-opt")) {
      Run ask = Run.of("ask", "--model", MODEL, "--preset", preset, input, "what?");
      assertThat(ask.status()).as(ask.err()).isZero();
      Run caption = Run.of("caption", "--model", MODEL, "--preset", preset, input);
      assertThat(caption.status()).as(caption.err()).isZero();
    }
    Run several =
        Run.of(
            "ask",
            "--model",
            MODEL,
            "--num-beams",
            "3",
            "--num-return-sequences",
            "2",
            "--json",
            input,
            "what?");
    assertThat(several.out().lines()).hasSize(2);
    Run both = Run.of("caption", "--model", MODEL, "--stream", "--json", input);
    assertThat(both.err()).contains("--stream");
    Run missing = Run.of("caption", "--model", MODEL, "--stream", "none.png", input);
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.out().lines()).hasSize(1);
  }

  @Test
  void aImageThatCannotBeReadDoesNotStopTheOthers() throws IOException {
    Run run = Run.of("caption", "--model", MODEL, "--json", "none.png", image("tiny.png"));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("blip2: none.png: expected an image file");
    assertThat(run.json().get(0).get("error").textValue()).contains("none.png");
    assertThat(run.json().get(1).has("error")).isFalse();
  }

  @Test
  void mistakesAreOneLineAndAStatus() {
    for (List<String> arguments :
        List.of(
            List.of("caption", "--model", "/no/such", "x.png"),
            List.of("caption", "--model", MODEL, "--backend", "none", "x.png"),
            List.of("caption", "--model", MODEL, "--device", "gpu", "x.png"),
            List.of("caption", "--model", MODEL, "--max-new-tokens", "0", "x.png"),
            List.of("ask", "--model", MODEL, "no.png", "what?"),
            List.of("ask", "--model", MODEL, "--template", "x", image("tiny.png"), "what?"))) {
      Run run = Run.of(arguments.toArray(String[]::new));
      assertThat(run.status()).as("%s", arguments).isBetween(1, 2); // FaultsTest has which
      assertThat(run.err().lines()).as("%s", arguments).hasSize(1);
      assertThat(run.err()).startsWith("blip2: ").doesNotContain("Exception");
    }
    assertThat(Run.of("caption").status()).isEqualTo(2);
    assertThat(Run.of("caption", "--no-such-option", "x").status()).isEqualTo(2);
    assertThat(Run.of("--help").out()).contains("caption", "ask", "batch");
  }
}
