package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan as a table: what is asked for (device, precisions, layout), and what works there. */
class DjlPlanTest {
  /** A processor on which all kernels work, or none but those that work everywhere. */
  private static DjlPlan plan(String asked, String processor) {
    String[] words = asked.split(" ");
    WeightLayout layout = WeightLayout.valueOf(words[2].toUpperCase(Locale.ROOT));
    Execution execution =
        new Execution(Device.parse(words[0]), 1, layout, Precisions.parse(words[1]));
    return DjlPlan.of(
        execution,
        new DjlPlan.Probes() {
          @Override
          public boolean works(LinearKernel kernel) {
            return switch (processor) {
              case "none" -> false;
              case "narrow sums" -> kernel != LinearKernel.FBGEMM_INT8;
              default -> true;
            };
          }

          @Override
          public double speed(LinearKernel kernel) {
            return processor.equals("bfloat16") ? 1.9 : 0.6;
          }
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu float32 mapped    | all  | PACKED, PACKED, MAPPED
          cpu float32 packed    | all  | PACKED, PACKED, PACKED
          cpu float32 mapped    | none | PLAIN, PLAIN, PLAIN
          cpu float16 mapped    | all  | FBGEMM_FLOAT16, FBGEMM_FLOAT16, FBGEMM_FLOAT16
          cpu float16 mapped    | none | HALF, HALF, HALF
          cpu bfloat16 mapped   | none | BFLOAT16, BFLOAT16, BFLOAT16
          cpu bfloat16 mapped   | bfloat16 | BFLOAT16, BFLOAT16, BFLOAT16
          cpu bfloat16,float32,float16 mapped | bfloat16 | BFLOAT16, PACKED, FBGEMM_FLOAT16
          cpu bfloat16 mapped   | all  | FBGEMM_BFLOAT16, FBGEMM_BFLOAT16, FBGEMM_BFLOAT16
          cpu int8 mapped       | narrow sums | FBGEMM_INT8_REDUCED, PACKED, FBGEMM_INT8_REDUCED
          cpu int8 mapped       | all  | FBGEMM_INT8, PACKED, FBGEMM_INT8
          cpu int8,float32,float16 packed | all | FBGEMM_INT8, PACKED, FBGEMM_FLOAT16
          cuda:0 float32 mapped | all  | PLAIN, PLAIN, PLAIN
          cuda:0 float16 packed | all  | HALF, HALF, HALF
          cuda:0 bfloat16 mapped | all | BFLOAT16, BFLOAT16, BFLOAT16
          """)
  void kernels(String asked, String processor, String expected) {
    DjlPlan plan = plan(asked, processor);
    Lowering found = plan.lowering();
    assertThat(found.vision() + ", " + found.qformer() + ", " + found.language())
        .isEqualTo(expected);
    assertThat(plan.decisions()).hasSize(3).noneMatch(d -> d.reason().isBlank());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu int8 mapped    | none | int8 has a kernel on processors with fbgemm only
          cuda:0 int8 mapped | all  | int8 has a kernel on processors with fbgemm only
          cpu int4 mapped    | all  | expected float32, float16, bfloat16 or int8, found int4
          cpu int8-weights mapped | all | found int8-weights
          """)
  void whatHasNoKernelIsRefused(String asked, String processor, String reason) {
    assertThatThrownBy(() -> plan(asked, processor))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining(reason);
  }

  private static long weightBytes(String model, Precision precision) {
    Execution execution =
        new Execution(Device.CPU, 1, WeightLayout.MAPPED, Precisions.of(precision));
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(model));
    return new DjlBackend()
        .weightBytes(new LoadRequest(checkpoint, execution, Path.of("c"), LoadListener.NONE));
  }

  /** Eight bits are in none, since they do not hold with outlier channels. */
  @Test
  void recipesAreOfSixteenBitsAtLeast() {
    for (Device device : List.of(Device.CPU, Device.cuda(0))) {
      assertThat(DjlPlan.of(Recipe.EXACT, device)).isEqualTo(Precisions.of(Precision.FLOAT32));
      assertThat(DjlPlan.of(Recipe.BALANCED, device)).isEqualTo(Precisions.of(Precision.FLOAT16));
      assertThatThrownBy(() -> DjlPlan.of(Recipe.SMALL, device))
          .isInstanceOf(BackendUnavailableException.class)
          .hasMessageContaining("expected exact or balanced on " + device + ", found small");
    }
    DjlBackend backend = new DjlBackend();
    assertThat(backend.fallbacks(Device.CPU)).containsExactly(Precisions.of(Precision.FLOAT16));
    assertThat(backend.fallbacks(Device.cuda(0))).isEmpty();
    assertThat(backend.reads("int4_block128")).isFalse();
  }

  @Test
  void allWeightsAreEstimatedAndThoseOfLinearLayersInTheirBits() {
    for (String model : List.of("tiny-opt", "tiny-t5", "tiny-itm")) {
      long whole = weightBytes(model, Precision.FLOAT32);
      assertThat(weightBytes(model, Precision.FLOAT16)).isBetween(whole / 2, whole * 3 / 4);
      Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(model));
      long stored = checkpoint.weights().all().stream().mapToLong(WeightTensor::bytes).sum();
      assertThat(whole).isBetween(stored * 9 / 10, stored * 11 / 10);
    }
  }

  @Test
  void privateMemoryIsWhatKernelsCopy() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    ModelProgram program = checkpoint.program();
    Precision float32 = Precision.FLOAT32;
    long image =
        program.vision().weights().linearBytes(float32)
            + program.qformerWeights().linearBytes(float32);
    long language = program.language().weights().linearBytes(float32);
    assertThat(plan("cpu float32 mapped", "all").privateBytes(checkpoint, checkpoint.program()))
        .isEqualTo(image);
    assertThat(plan("cpu float32 packed", "all").privateBytes(checkpoint, checkpoint.program()))
        .isEqualTo(image + language);
    assertThat(plan("cpu float32 packed", "none").privateBytes(checkpoint, checkpoint.program()))
        .isZero();
    assertThat(plan("cuda:0 float16 mapped", "all").privateBytes(checkpoint, checkpoint.program()))
        .isZero();
    assertThat(plan("cpu float16 mapped", "all").privateBytes(checkpoint, checkpoint.program()))
        .isEqualTo((image + language) / 2);
    Checkpoint narrow = Checkpoint.open(Fixtures.directory("tiny-opt-bf16"));
    assertThat(plan("cpu float32 mapped", "all").privateBytes(narrow, narrow.program()))
        .isEqualTo(image + language);
  }

  @Test
  void bfloat16IsTakenWhereItPays() {
    assertThat(plan("cpu bfloat16 mapped", "bfloat16").vision().line())
        .isEqualTo(
            "vision weights: bfloat16 (bfloat16 products are 1.9 times as fast as float32's here)");
    assertThat(plan("cpu bfloat16 mapped", "all").vision().line())
        .isEqualTo(
            "vision weights: fbgemm-bfloat16 (bfloat16 products are 0.6 times as fast as float32's"
                + " here: products and sums are float32)");
    assertThat(plan("cpu bfloat16 mapped", "none").language().reason())
        .endsWith(
            "0.6 times as fast as float32's here, and fbgemm gives no right product on this"
                + " processor");
    assertThat(plan("cpu int8 mapped", "narrow sums").vision().reason())
        .isEqualTo("sums of more than seven bits saturate here");
  }

  @Test
  void reasonsNameWhatIsMissing() {
    assertThat(plan("cpu float32 mapped", "none").decisions())
        .extracting(Decision::line)
        .contains("vision weights: plain (oneDNN gives no right product on this processor)");
    assertThat(plan("cuda:0 float16 mapped", "all").decisions())
        .extracting(Decision::line)
        .contains("language weights: half (fbgemm is for processors)");
  }
}
