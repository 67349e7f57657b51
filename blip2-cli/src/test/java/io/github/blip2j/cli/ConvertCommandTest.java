package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertCommandTest {
  private static final String MODEL = DemoModel.captioner().toString();
  private static final String IMAGE = Fixtures.image("landscape.png").toString();

  private static final Map<String, Run> CONVERTED = new HashMap<>();

  @TempDir static Path bundles;
  @TempDir Path folder;

  /** The bundle of a precision, which is made once for all tests. */
  private static Path converted(String precision) {
    Path bundle = bundles.resolve(precision + " bundle");
    Run run =
        CONVERTED.computeIfAbsent(
            precision,
            p -> Run.of("convert", MODEL, "--precision", p, "--output", bundle.toString()));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).matches("(?s).*bundle: [\\d,]{5,} bytes\\R");
    return bundle;
  }

  private String bundle() {
    return folder.resolve("bundle").toString();
  }

  @ParameterizedTest
  @CsvSource({"small", "balanced", "exact", "'int8-weights,float32,int4'"})
  void aBundleSaysWhatTheModelSaysInItsPrecision(String precision) {
    Run expected = Run.of("caption", "--model", MODEL, "--precision", precision, IMAGE);
    Run found = Run.of("caption", "--model", converted(precision).toString(), IMAGE);
    assertThat(found.status()).as(found.err()).isZero();
    assertThat(found.out()).isEqualTo(expected.out()).isNotBlank();
    assertThat(found.err()).doesNotContain("is used");
  }

  @Test
  void smallIsSmallerThanBalancedAndThatThanExact() throws Exception {
    long last = Long.MAX_VALUE;
    for (String precision : new String[] {"exact", "balanced", "small"}) {
      long bytes = Files.size(converted(precision).resolve("model.safetensors"));
      assertThat(bytes).isLessThan(last);
      last = bytes;
    }
  }

  @Test
  void aBundleKeepsItsPrecision() {
    String small = converted("small").toString();
    Run other = Run.of("caption", "--model", small, "--precision", "exact", IMAGE);
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.err()).contains("precision: expected int8,int8-weights,int4");
    Run same = Run.of("caption", "--model", small, "--precision", "small", IMAGE);
    assertThat(same.status()).as(same.err()).isZero();
    Run djl = Run.of("caption", "--model", small, "--backend", "djl", IMAGE);
    assertThat(djl.status()).isEqualTo(1);
    assertThat(djl.err()).contains("expected backend onnx").contains("found djl");
  }

  @Test
  void theOtherBackendReadsOrdinaryBundles() {
    for (String precision : new String[] {"exact", "float16"}) {
      String out = folder.resolve(precision).toString();
      Run run =
          Run.of("convert", MODEL, "--backend", "djl", "--precision", precision, "--output", out);
      assertThat(run.status()).as(run.err()).isZero();
      for (String backend : new String[] {"onnx", "djl"}) {
        Run caption = Run.of("caption", "--model", out, "--backend", backend, IMAGE);
        assertThat(caption.status()).as(backend + " " + caption.err()).isZero();
        assertThat(caption.out()).isNotBlank();
      }
    }
  }

  @Test
  void whatIsMissingOrTooMuchIsSaid() throws Exception {
    Run none = Run.of("convert", MODEL, "--output", bundle());
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("--precision must be exact, balanced or small");
    Run automatic = Run.of("convert", MODEL, "--precision", "auto", "--output", bundle());
    assertThat(automatic.err()).contains("--precision must be exact, balanced or small");
    Run nothing = Run.of("convert", "--precision", "small", "--output", bundle());
    assertThat(nothing.err()).contains("MODEL must be named");
    Run twice =
        Run.of("convert", MODEL, "--model", MODEL, "--precision", "small", "--output", bundle());
    assertThat(twice.err()).contains("must be named once");
    assertThat(Run.of("convert", MODEL, "--precision", "small").status()).isEqualTo(2);
    Run size =
        Run.of(
            "convert", MODEL, "--precision", "small", "--image-size", "56", "--output", bundle());
    assertThat(size.err()).contains("imageSize and draft must be chosen when a bundle is loaded");
    assertThat(folder).isEmptyDirectory();
    Files.createDirectory(folder.resolve("bundle"));
    Run taken = Run.of("convert", MODEL, "--precision", "small", "--output", bundle());
    assertThat(taken.status()).isEqualTo(1);
    assertThat(taken.err()).contains("expected a name that is free, found something there");
    assertThat(taken.err().lines()).hasSize(1);
  }

  @Test
  void theResultCanBeJson() throws Exception {
    Run run =
        Run.of("convert", "--model", MODEL, "--precision", "small", "--out", bundle(), "--json");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.json()).hasSize(1);
    assertThat(run.json().get(0).path("output").asText()).isEqualTo(bundle());
    assertThat(run.json().get(0).path("bytes").asLong())
        .isGreaterThan(Files.size(folder.resolve("bundle").resolve("model.safetensors")));
  }

  @Test
  void recipesAreWordsOfEveryCommand() {
    Run run = Run.of("caption", "--model", MODEL, "--precision", "balanced", IMAGE);
    assertThat(run.status()).as(run.err()).isZero();
    Run djl =
        Run.of("caption", "--model", MODEL, "--backend", "djl", "--precision", "small", IMAGE);
    assertThat(djl.status()).isEqualTo(1);
    assertThat(djl.err()).contains("djl: precision: expected exact or balanced on cpu");
  }

  private Path photos() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("photos"));
    for (String name : new String[] {"landscape.png", "tiny.png"}) {
      Files.copy(Fixtures.image(name), photos.resolve(name));
    }
    return photos;
  }

  private Run calibrated(String... more) {
    List<String> all = new ArrayList<>(List.of("convert", "--output", bundle()));
    all.addAll(List.of(more));
    return Run.of(all.toArray(String[]::new));
  }

  @Test
  void aCalibratedBundleSaysSoAndIsComparedWithItsModel() throws Exception {
    Run run =
        calibrated(
            MODEL,
            "--precision",
            "small",
            "--calibrate",
            photos().toString(),
            "--prompt",
            "Question: what color is the square? Answer:");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(folder.resolve("bundle").resolve("bundle.json"))
        .content()
        .containsPattern("\"calibration\" : \\{\\s+\"images\" : 2,\\s+\"texts\" : 4");
    Run doctor = Run.of("doctor", "--model", bundle());
    assertThat(doctor.out() + doctor.err()).contains("calibrated on 2 images and 4 texts");
    Run quality = Run.of("quality", "--model", MODEL, "--bundle", bundle(), IMAGE);
    assertThat(quality.status()).as(quality.err()).isZero();
    assertThat(quality.out()).contains("onnx " + bundle() + ": 1 texts; first token agrees");
    Run both =
        Run.of("quality", "--model", MODEL, "--bundle", bundle(), "--precision", "int4", IMAGE);
    assertThat(both.status()).isEqualTo(2);
    assertThat(both.err()).contains("a bundle has its own precision");
  }

  @Test
  void whatCannotBeCalibratedIsSaidAndLeavesNothing() throws Exception {
    String photos = photos().toString();
    Run djl =
        calibrated(MODEL, "--precision", "float16", "--backend", "djl", "--calibrate", photos);
    assertThat(djl.status()).isEqualTo(1);
    assertThat(djl.err()).contains("of which backend djl stores weights in four bits");
    Run eight = calibrated(MODEL, "--precision", "balanced", "--calibrate", photos);
    assertThat(eight.status()).isEqualTo(1);
    assertThat(eight.err()).contains("found none").contains("another precision, such as small");
    String narrow = Fixtures.directory("tiny-opt").toString(); // no block divides its layers
    Run none = calibrated(narrow, "--precision", "int4", "--calibrate", photos);
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.err()).contains("expected a language model of which backend onnx");
    String matcher = DemoModel.matcher().toString();
    Run silent = calibrated(matcher, "--precision", "small", "--calibrate", photos);
    assertThat(silent.status()).isEqualTo(1);
    assertThat(silent.err()).contains("writes text");
    Run prompt = calibrated(MODEL, "--precision", "small", "--prompt", "a");
    assertThat(prompt.status()).isEqualTo(2);
    assertThat(prompt.err()).contains("--prompt must be given with --calibrate");
    assertThat(folder.resolve("bundle")).doesNotExist();
  }

  @Test
  void imagesThatAreNotThereAreSaidAndLeaveNothing() throws Exception {
    Path photos = photos();
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Run none = calibrated(MODEL, "--precision", "small", "--calibrate", empty.toString());
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("expected a directory with images").contains("found none");
    Files.writeString(photos.resolve("broken.png"), "no image");
    Run broken = calibrated(MODEL, "--precision", "small", "--calibrate", photos.toString());
    assertThat(broken.status()).isEqualTo(1);
    assertThat(broken.err()).contains("broken.png");
    assertThat(folder.resolve("bundle")).doesNotExist();
    Files.createDirectory(folder.resolve("bundle"));
    Run taken = calibrated(MODEL, "--precision", "small", "--calibrate", photos.toString());
    assertThat(taken.err()).contains("expected a name that is free"); // and not the broken image
    assertThat(taken.err()).doesNotContain("broken.png");
  }
}
