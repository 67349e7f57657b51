package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingRequest;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of a batch as a loss is given them, by hand; no engine is needed. */
class TrainingInputsTest {
  private static final int QUERIES = 6; // of both fixtures
  private static final int MOST = 200; // positions of tiny-opt-bin

  @TempDir static Path cache;

  private static LoadRequest load(String fixture) {
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    Checkpoint checkpoint = Fixtures.checkpoint(fixture, cache);
    return new LoadRequest(checkpoint, execution, cache, LoadListener.NONE);
  }

  /** Of changes, so that images are given as features. */
  private static TrainingRequest lora(String fixture) {
    LoadRequest request = load(fixture);
    WeightTensor first = request.program().language().weights().linear().get(0);
    return new TrainingRequest(request, List.of(new TrainingRequest.LowRankChange(first, 1, 1)));
  }

  private static TrainingBatch batch(TrainingRequest request, int[][] prompts, int[][] answers) {
    int width = request.model().program().language().config().hiddenSize();
    return new TrainingBatch(new float[answers.length * QUERIES * width], prompts, answers);
  }

  private static long[] integers(List<HostTensor> tensors, int index) {
    return ((HostTensor.Integers) tensors.get(index)).values();
  }

  /** Six features stand in front; an answer's first token is predicted from what is before it. */
  @Test
  void aDecodersAnswersFollowTheirPrompts() {
    TrainingRequest request = lora("tiny-opt-bin");
    int[][] prompts = {{2, 7}, {}};
    int[][] answers = {{8, 9}, {10, 11, 12}};
    List<HostTensor> tensors = TrainingInputs.of(request, batch(request, prompts, answers));
    assertThat(tensors).hasSize(5); // features, ids, position ids, rows of logits, labels
    assertThat(integers(tensors, 1)).containsExactly(2, 7, 8, 10, 11, 1); // the last one is padding
    assertThat(tensors.get(1).shape()).containsExactly(2, 3);
    assertThat(integers(tensors, 2)).startsWith(0, 1, 2).hasSize(2 * 9).endsWith(7, 8);
    assertThat(integers(tensors, 3)).containsExactly(7, 8, 9 + 5, 9 + 6, 9 + 7);
    assertThat(integers(tensors, 4)).containsExactly(8, 9, 10, 11, 12);
  }

  /** Its decoder begins with its start token, and padding of prompts is hidden from it. */
  @Test
  void anEncoderReadsPromptsAndTheDecoderWritesAnswers() {
    TrainingRequest request = lora("tiny-mblip-mt0");
    int[][] prompts = {{3, 4}, {5}};
    int[][] answers = {{8, 1}, {10, 11, 1}};
    List<HostTensor> tensors = TrainingInputs.of(request, batch(request, prompts, answers));
    assertThat(tensors).hasSize(8);
    assertThat(integers(tensors, 1)).containsExactly(3, 4, 5, 0);
    float[] hidden = ((HostTensor.Floats) tensors.get(3)).values();
    assertThat(hidden).hasSize(2 * 8);
    assertThat(hidden[2 * 8 - 1]).isLessThan(-1e8f);
    assertThat(java.util.Arrays.copyOf(hidden, 2 * 8 - 1)).containsOnly(0);
    assertThat(integers(tensors, 4)).containsExactly(0, 8, 0, 0, 10, 11);
    assertThat(integers(tensors, 6)).containsExactly(0, 1, 3, 4, 5);
    assertThat(integers(tensors, 7)).containsExactly(8, 1, 10, 11, 1);
  }

  private static void refused(TrainingRequest request, TrainingBatch batch, String... words) {
    assertThatThrownBy(() -> TrainingInputs.of(request, batch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void batchesThatDoNotFitAreRefused() {
    TrainingRequest request = lora("tiny-opt-bin");
    int[][] none = {{}};
    refused(
        request,
        new TrainingBatch(new float[7], none, new int[][] {{2}}),
        "FEATURES of 1 images: expected 1x6x40 numbers, found 7");
    refused(request, batch(request, none, new int[][] {{416, 2}}), "id (416) must be 0 to 415");
    refused(request, batch(request, none, new int[][] {{-1, 2}}), "id (-1)");
    refused(
        request,
        batch(request, none, new int[][] {new int[196]}),
        "positions of image features and text (201) must be at most 200");
    TrainingRequest whole = new TrainingRequest(load("tiny-opt-bin"), List.of());
    refused(whole, batch(whole, none, new int[][] {{2}}), "PATCHES of 1 images: expected 1x17x24");
  }

  private static void tooLong(TrainingRequest request, int prompt, int answer) {
    assertThatThrownBy(() -> TrainingInputs.requireFits(request, new int[prompt], new int[answer]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be at most " + MOST);
  }

  /** An answer's last token is not read; an encoder and its decoder have their own positions. */
  @Test
  void aTextsLengthIsKnownBeforeItsBatch() {
    int room = MOST - QUERIES;
    TrainingRequest alone = lora("tiny-opt-bin");
    TrainingInputs.requireFits(alone, new int[room - 10], new int[11]);
    tooLong(alone, room - 10, 12);
    assertThatThrownBy(() -> TrainingInputs.requireFits(alone, new int[] {416}, new int[1]))
        .hasMessageContaining("id (416) must be 0 to 415");
    TrainingRequest two = lora("tiny-mblip-mt0");
    int most = two.model().program().language().config().maxPositions();
    assertThat(most).isGreaterThan(MOST);
    TrainingInputs.requireFits(two, new int[MOST], new int[MOST]);
  }
}
