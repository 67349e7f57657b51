package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.testkit.Fixtures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a backend tells of its loading, and what of it is shown. */
class LoadingBarTest {
  @TempDir Path cache;

  /** Of each stage the greatest amount and the total; amounts only grow. */
  private Map<String, long[]> told(String backend, String checkpoint) {
    Map<String, long[]> told = new LinkedHashMap<>();
    LoadListener listener =
        (stage, done, total) -> {
          long[] before = told.computeIfAbsent(stage, s -> new long[] {0, total});
          assertThat(done).as(stage).isBetween(before[0], total);
          assertThat(total).as(stage).isEqualTo(before[1]);
          before[0] = done;
        };
    Blip2.builder()
        .model(Fixtures.directory(checkpoint))
        .backend(backend)
        .cacheDirectory(cache)
        .listener(listener)
        .load()
        .close();
    return told;
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void everyStageIsToldInBytesUpToItsEnd(String backend) throws Exception {
    Map<String, long[]> told = told(backend, "tiny-opt");
    told.forEach((stage, amounts) -> assertThat(amounts[0]).as(stage).isEqualTo(amounts[1]));
    long file = Files.size(Fixtures.directory("tiny-opt").resolve("model.safetensors"));
    long bytes = told.values().stream().mapToLong(a -> a[1]).sum();
    assertThat(bytes).isGreaterThan(file / 2).isLessThan(2 * file);
  }

  @Test
  void wideningIsToldOnceInBytes() {
    Map<String, long[]> told = told("onnx", "tiny-opt-bf16");
    assertThat(told.keySet()).anyMatch(s -> s.startsWith("preparing "));
    told.forEach((stage, amounts) -> assertThat(amounts[0]).as(stage).isEqualTo(amounts[1]));
    assertThat(told("onnx", "tiny-opt-bf16").keySet()).noneMatch(s -> s.startsWith("preparing "));
  }

  /** The plan is about weights that are merged already. */
  @Test
  void anAdapterIsToldOnceAndInFrontOfThePlan() {
    assertThat(stages("tiny-opt-lora"))
        .startsWith("merging adapter", "the plan")
        .hasSizeGreaterThan(2);
    assertThat(stages("tiny-opt-lora")).startsWith("the plan").doesNotContain("merging adapter");
  }

  /** What is told, each once in its order. */
  private List<String> stages(String adapter) {
    Set<String> stages = new LinkedHashSet<>();
    LoadListener listener =
        new LoadListener() {
          @Override
          public void progress(String stage, long done, long total) {
            stages.add(stage);
          }

          @Override
          public void planned(List<Decision<?>> plan) {
            stages.add("the plan");
          }
        };
    Blip2.builder()
        .model(Fixtures.directory(Fixtures.ADAPTED))
        .adapter(Fixtures.directory(adapter))
        .backend("onnx")
        .cacheDirectory(cache)
        .listener(listener)
        .load()
        .close();
    return List.copyOf(stages);
  }

  @Test
  void aStageIsLoadedUnlessItSaysWhatIsDone() {
    StringWriter shown = new StringWriter();
    AtomicLong now = new AtomicLong();
    try (LoadingBar bar =
        new LoadingBar(
            ProgressBar.on(new TerminalWriter(shown, false), now::get), new PrintWriter(shown))) {
      now.set(1_000_000_000);
      bar.progress("vision", 1_000_000, 2_000_000);
      assertThat(Screens.lastLine(shown.toString()))
          .startsWith("loading vision [")
          .contains(" 50 %");
      now.set(2_000_000_000);
      bar.progress("preparing language", 0, 2_000_000);
      assertThat(Screens.lastLine(shown.toString())).startsWith("preparing language [");
      now.set(3_000_000_000L);
      bar.progress("merging adapter", 500_000, 2_000_000);
      assertThat(Screens.lastLine(shown.toString()))
          .startsWith("merging adapter [")
          .contains(" 25 %");
    }
    assertThat(Screens.lastLine(shown.toString())).isEmpty();
  }

  /** Memory's choice is one line, terminal or not; a choice of the user's is none. */
  @Test
  void lowerPrecisionsForWantOfMemoryAreToldInOneLine() {
    StringWriter told = new StringWriter();
    try (LoadingBar bar = new LoadingBar(new PrintWriter(told))) {
      bar.planned(
          List.of(new Decision<>("precisions", Precisions.of(Precision.INT4), "asked for")));
      assertThat(told.toString()).isEmpty();
      bar.planned(
          List.of(
              new Decision<>("draft", "none", "not asked for"),
              new Decision<>(
                  Decision.FIT,
                  Precisions.of(Precision.INT8_WEIGHTS),
                  "16.1 GB needed, found 8.2 GB")));
    }
    assertThat(told.toString().lines())
        .containsExactly(
            "blip2: --precision int8-weights,int8-weights,int8 is used: 16.1 GB needed, found 8.2"
                + " GB");
  }

  /** A load that fails leaves the terminal as it was. */
  @Test
  void nothingStaysOfALoadThatFails() {
    StringWriter shown = new StringWriter();
    AtomicLong now = new AtomicLong();
    ProgressBar bar =
        ProgressBar.on(new TerminalWriter(shown, false), () -> now.addAndGet(1L << 30));
    assertThatThrownBy(
            () -> {
              try (LoadingBar loading = new LoadingBar(bar, new PrintWriter(shown))) {
                loading.progress("vision", 1, 2);
                throw new IllegalStateException("stop");
              }
            })
        .hasMessage("stop");
    assertThat(shown.toString()).contains("loading vision");
    assertThat(Screens.lines(shown.toString())).containsExactly("");
  }
}
