package io.github.blip2j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a training is told: ranges, names and counts. */
class TrainingValuesTest {
  private static void refused(Supplier<?> made, String... words) {
    assertThatThrownBy(made::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void numbersThatAdamCannotUseAreRefused() {
    refused(() -> new AdamW(-1, 0.9, 0.999, 1e-8, 0), "rate (-1.0) must be at least 0");
    refused(() -> new AdamW(Double.NaN, 0.9, 0.999, 1e-8, 0), "rate (NaN)");
    refused(() -> new AdamW(1, 1, 0.999, 1e-8, 0), "beta1 (1.0) must be at least 0 and below 1");
    refused(() -> new AdamW(1, 0.9, -0.1, 1e-8, 0), "beta2 (-0.1)");
    refused(() -> new AdamW(1, 0.9, 0.999, 0, 0), "epsilon (0.0) must be above 0");
    refused(() -> new AdamW(1, 0.9, 0.999, 1e-8, Double.POSITIVE_INFINITY), "decay (Infinity)");
  }

  @Test
  void aBatchCountsRowsAndTheTokensThatAreLearnt() {
    TrainingBatch batch = new TrainingBatch(new float[0], new int[][] {{1, 2}, {}}, answers());
    assertThat(batch.rows()).isEqualTo(2);
    assertThat(batch.tokens()).isEqualTo(4);
  }

  private static int[][] answers() {
    return new int[][] {{3}, {4, 5, 6}};
  }

  @Test
  void aBatchHasAnAnswerForEveryPrompt() {
    refused(
        () -> new TrainingBatch(new float[0], new int[1][0], answers()),
        "found 1 prompts and 2 answers");
    refused(() -> new TrainingBatch(new float[0], new int[0][], new int[0][]), "at least one row");
    refused(
        () -> new TrainingBatch(new float[0], new int[1][0], new int[1][0]),
        "answers of at least one token");
  }

  private static LowRankChange change(int rank) {
    WeightTensor weight =
        new WeightTensor("a.q_proj.weight", DType.F32, List.of(6L, 4L), Path.of("f"), 0, 96);
    return new LowRankChange(weight, rank, 2);
  }

  @Test
  void aChangeNamesItsMatrices() {
    LowRankChange change = change(4);
    assertThat(change.module()).isEqualTo("a.q_proj");
    assertThat(change.down()).isEqualTo("a.q_proj.lora_A.weight");
    assertThat(change.up()).isEqualTo("a.q_proj.lora_B.weight");
    refused(() -> change(0), "rank (0) must be 1 to the smaller side of [6, 4]");
    refused(() -> change(5), "rank (5)");
  }

  /** Where the Q-Former is frozen its features are enough. */
  @Test
  @SuppressWarnings("NullAway") // nothing of the request is looked at
  void whatABatchGivesOfImagesFollowsFromWhatIsTrained() {
    LoadRequest none = new LoadRequest(null, null, null, null, null);
    assertThat(new TrainingRequest(none, List.of()).input())
        .isEqualTo(TrainingRequest.Input.PATCHES);
    assertThat(new TrainingRequest(none, List.of(change(1))).input())
        .isEqualTo(TrainingRequest.Input.FEATURES);
  }

  @Test
  void aFreshStateHasNoMoments() {
    TrainingModel.State state = TrainingModel.State.fresh(new float[] {1, 2});
    assertThat(state.values()).containsExactly(1, 2);
    assertThat(state.first()).containsExactly(0, 0);
    assertThat(state.second()).containsExactly(0, 0);
    assertThat(new TrainingModel.Parameter("p", List.of(3L, 4L)).elements()).isEqualTo(12);
  }
}
