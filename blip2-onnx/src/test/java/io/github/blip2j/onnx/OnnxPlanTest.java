package io.github.blip2j.onnx;

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
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan as a table: what is asked for (device, precisions, layout, draft) and what follows. */
class OnnxPlanTest {
  private static Execution execution(String asked) {
    String[] words = asked.split(" ");
    return new Execution(
        Device.parse(words[0]),
        1,
        WeightLayout.valueOf(words[2].toUpperCase(Locale.ROOT)),
        Precisions.parse(words[1]),
        words[3].equals("-") ? Optional.empty() : Optional.of(Precision.parse(words[3])));
  }

  private static OnnxPlan plan(String model, String asked) {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(model));
    return OnnxPlan.of(checkpoint.program(), execution(asked));
  }

  private static LanguagePlan language(String model, String asked) {
    return Objects.requireNonNull(plan(model, asked).language());
  }

  private static String words(StagePlan stage) {
    return stage.weights().choice() + " " + stage.layout().choice();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu float32 mapped -              | FLOAT32 MAPPED      | FLOAT32 MAPPED
          cpu float32 packed -              | FLOAT32 PACKED      | FLOAT32 PACKED
          cpu float32 packed int4           | FLOAT32 MAPPED      | FLOAT32 MAPPED
          cpu int8 mapped -                 | INT8_COLUMNS PACKED | FLOAT32 MAPPED
          cpu int8 packed int4              | INT8_COLUMNS PACKED | FLOAT32 MAPPED
          cpu int8,int8,int4 mapped -       | INT8_COLUMNS PACKED | INT8 PACKED
          cpu int8-weights packed -         | INT8_WEIGHTS MAPPED | INT8_WEIGHTS MAPPED
          cpu int4 mapped -                 | FLOAT32 MAPPED      | FLOAT32 MAPPED
          cpu int4,int4-block32,int4 mapped - | INT4 PACKED       | INT4_BLOCK32 PACKED
          cuda:0 float32 mapped -           | FLOAT32 MAPPED      | FLOAT32 MAPPED
          cuda:0 float32 packed -           | FLOAT32 PACKED      | FLOAT32 PACKED
          cuda:0 float16 mapped -           | FLOAT16 MAPPED      | FLOAT16 MAPPED
          cuda:1 float16,float32,float16 mapped - | FLOAT16 MAPPED | FLOAT32 MAPPED
          """)
  void imageStages(String asked, String vision, String qformer) {
    OnnxPlan plan = plan("tiny-opt", asked);
    assertThat(words(plan.vision())).isEqualTo(vision);
    assertThat(words(plan.qformer())).isEqualTo(qformer);
    assertThat(plan.vision().arena().choice()).isTrue();
    assertThat(plan.qformer().arena().choice()).isTrue();
    assertThat(plan.matching()).isEmpty();
  }

  /** OPT has no bias in its attention to the cache, T5 has one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          opt | cpu float32 mapped -      | FLOAT32 MAPPED, FLOAT32 FUSED, loop 0
          t5  | cpu float32 mapped -      | FLOAT32 MAPPED, FLOAT32 FUSED, loop 0
          opt | cpu float32 packed -      | FLOAT32 PACKED, FLOAT32 FUSED, loop 0
          t5  | cpu int8 mapped -         | INT8 PACKED, FLOAT32 FUSED, loop 0
          opt | cpu int4 mapped -         | INT4 PACKED, FLOAT32 FUSED, loop 0
          opt | cpu int4-block32 packed - | INT4_BLOCK32 PACKED, FLOAT32 FUSED, loop 0
          opt | cpu float32 packed int4   | FLOAT32 PACKED, FLOAT32 FUSED, loop 0, INT4 PACKED
          t5  | cpu float32 packed int4   | FLOAT32 PACKED, FLOAT32 FUSED, loop 0, INT4 PACKED
          opt | cpu float32 mapped int8   | FLOAT32 MAPPED, FLOAT32 FUSED, loop 0, INT8 PACKED
          opt | cuda:0 float32 mapped -   | FLOAT32 MAPPED, FLOAT32 PLAIN, loop 64
          t5  | cuda:0 float32 mapped -   | FLOAT32 MAPPED, FLOAT32 PLAIN, loop 64
          opt | cuda:0 float16 mapped -   | FLOAT16 MAPPED, FLOAT16 FUSED, loop 64
          t5  | cuda:0 float16 mapped -   | FLOAT16 MAPPED, FLOAT32 PLAIN, loop 64
          opt | cuda:0 float16 packed -   | FLOAT16 PACKED, FLOAT16 FUSED, loop 64
          """)
  void languageModel(String model, String asked, String expected) {
    LanguagePlan plan = language("tiny-" + model, asked);
    CachePlan cache = plan.cache();
    String found =
        String.join(
            ", ",
            words(plan.decoder()),
            cache.type().choice() + " " + cache.attention().choice(),
            "loop " + plan.stepsAhead().choice());
    StagePlan draft = plan.draft();
    assertThat(draft == null ? found : found + ", " + words(draft)).isEqualTo(expected);
    assertThat(plan.decoder().arena().choice()).isFalse();
    StagePlan encoder = plan.encoder();
    assertThat(encoder != null).isEqualTo(model.equals("t5"));
    assertThat(encoder == null ? words(plan.decoder()) : words(encoder))
        .isEqualTo(words(plan.decoder()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu float16 mapped -         | precision: expected float32, int8, int8-weights, int4 or int4-block32
          cpu bfloat16 mapped -        | found bfloat16
          cuda:0 int8 mapped -         | precision: expected float32 or float16
          cuda:0 int4 mapped -         | found int4
          cuda:0 int8-weights mapped - | found int8-weights
          cuda:0 bfloat16 mapped -     | found bfloat16
          cuda:0 float16 mapped int4   | draft: expected one of [] on a CUDA device, found int4
          cpu float32 mapped float16   | draft: expected one of [int8, int4, int4-block32]
          """)
  void whatHasNoKernelIsRefused(String asked, String reason) {
    assertThatThrownBy(() -> plan("tiny-opt", asked))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageStartingWith("onnx: ")
        .hasMessageContaining(reason);
  }

  @Test
  void headsThatMatchStayMapped() {
    OnnxPlan plan = plan("tiny-itm", "cpu float32 packed -");
    assertThat(plan.language()).isNull();
    assertThat(words(plan.qformer())).isEqualTo("FLOAT32 PACKED");
    assertThat(plan.matching()).hasSize(2);
    assertThat(plan.matching()).allMatch(h -> words(h.plan()).equals("FLOAT32 MAPPED"));
    assertThat(plan.matching()).noneMatch(h -> h.plan().arena().choice());
    assertThat(plan("tiny-itm", "cpu int8,int8,int8 mapped -").matching())
        .allMatch(h -> words(h.plan()).equals("INT8 PACKED"));
    assertThatThrownBy(() -> plan("tiny-itm", "cpu float16 mapped -"))
        .isInstanceOf(BackendUnavailableException.class);
  }

  @Test
  void weightsOfACudaDeviceTakeNoMemoryOfTheHost() {
    assertThat(plan("tiny-opt", "cuda:0 float16 packed -").privateBytes()).isZero();
    assertThat(plan("tiny-opt", "cpu float32 packed -").privateBytes()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu    | EXACT    | float32,float32,float32
          cpu    | BALANCED | int8,float32,int8
          cpu    | SMALL    | int8,int8-weights,int4
          cuda:0 | EXACT    | float32,float32,float32
          cuda:0 | BALANCED | float16,float16,float16
          """)
  void recipes(String device, Recipe recipe, String expected) {
    Precisions precisions = new OnnxBackend().precisions(Device.parse(device), recipe);
    assertThat(precisions.label()).isEqualTo(expected);
    assertThat(plan("tiny-opt", device + " " + expected + " mapped -")).isNotNull(); // has kernels
  }

  @Test
  void aCudaDeviceHasNoSmallRecipe() {
    assertThatThrownBy(() -> new OnnxBackend().precisions(Device.cuda(0), Recipe.SMALL))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("expected exact or balanced on a CUDA device, found small");
  }

  /** Where activations are rounded, each row has its own scale and norms are folded. */
  @Test
  void whatIsLessThanExactHasAVisionEncoderOfIntegerProducts() {
    List<Precisions> all = new ArrayList<>(OnnxPlan.fallbacks(GraphTarget.CPU));
    all.add(OnnxPlan.of(Recipe.BALANCED, GraphTarget.CPU));
    all.add(OnnxPlan.of(Recipe.SMALL, GraphTarget.CPU));
    for (Precisions precisions : all.subList(1, all.size())) {
      StagePlan vision = plan("tiny-opt", "cpu " + precisions.label() + " mapped -").vision();
      assertThat(vision.weights().choice()).isEqualTo(WeightForms.INT8_COLUMNS);
    }
    assertThat(all.get(0).vision()).isEqualTo(Precision.FLOAT32);
    assertThat(OnnxPlan.fallbacks(GraphTarget.CUDA)).isEmpty();
  }

  /** Each is smaller than the one before, or it could not help. */
  @Test
  void fallbacksNeedLessAndLess() {
    for (String model : List.of("tiny-t5", "tiny-itm")) {
      List<Long> bytes = new ArrayList<>(List.of(weightBytes(model, "float32")));
      OnnxPlan.fallbacks(GraphTarget.CPU).forEach(p -> bytes.add(weightBytes(model, p.label())));
      assertThat(bytes).hasSize(6).isSortedAccordingTo(Comparator.reverseOrder());
      assertThat(bytes.get(5)).isLessThan(bytes.get(0) * 3 / 4);
    }
    assertThat(plan("tiny-opt", "cuda:0 float16 mapped -").weightBytes()).isZero();
  }

  private static long weightBytes(String model, String precisions) {
    return plan(model, "cpu " + precisions + " mapped -").weightBytes();
  }

  /** Every weight once, however many stages use it: what is estimated is what is stored. */
  @Test
  void theEstimateIsWhatFloat32Takes() {
    for (String model : List.of("tiny-opt", "tiny-t5", "tiny-itm")) {
      Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(model));
      long stored =
          checkpoint.weights().all().stream()
              .filter(t -> t.dtype() == DType.F32)
              .mapToLong(WeightTensor::bytes)
              .sum();
      assertThat(weightBytes(model, "float32")).isBetween(stored * 9 / 10, stored);
    }
  }

  @Test
  void tablesAreHalvedBesideFewBitsButNotForADraft() {
    LanguagePlan four = language("tiny-opt", "cpu int4 mapped -");
    assertThat(four.decoder().tables().choice()).isEqualTo(WeightForm.FLOAT16);
    assertThat(four.decoder().decisions())
        .extracting(Decision::line)
        .contains("language_model tables: float16 (near enough beside weights of few bits)");
    LanguagePlan draft = language("tiny-opt", "cpu float32 packed int4");
    assertThat(draft.decoder().tables().choice()).isEqualTo(WeightForm.FLOAT32);
    assertThat(Objects.requireNonNull(draft.draft()).tables().choice())
        .isEqualTo(WeightForm.FLOAT32);
    assertThat(language("tiny-opt", "cuda:0 float16 mapped -").decoder().tables().choice())
        .isEqualTo(WeightForm.FLOAT32);
  }

  @Test
  void theBackendTellsItsPlanWithReasons() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-t5"));
    List<Decision<?>> plan =
        new OnnxBackend()
            .plan(
                new LoadRequest(
                    checkpoint,
                    execution("cuda:0 float16 mapped -"),
                    Path.of("cache"),
                    LoadListener.NONE));
    assertThat(plan).noneMatch(d -> d.reason().isBlank());
    assertThat(plan)
        .extracting(Decision::line)
        .contains(
            "vision weights: float16 (a CUDA device multiplies 16 bits)",
            "vision layout: mapped (used where it lies in its file)",
            "language cache: float32 (attention to it is plain operators)",
            "language attention: plain (on a CUDA device the fused kernel takes no position bias)",
            "language loop: 64 (keeps the cache on the CUDA device)");
    assertThat(plan).extracting(Decision::part).doesNotHaveDuplicates();
  }
}
