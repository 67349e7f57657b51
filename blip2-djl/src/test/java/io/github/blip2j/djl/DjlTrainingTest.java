package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingRequest;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that a training has in memory, in its files or in pieces are the same. */
class DjlTrainingTest {
  private static final int[][] PROMPT = {{2, 7}};
  private static final int[][] ANSWER = {{8, 9, 2}};

  @TempDir static Path cache;

  @BeforeAll
  static void start() {
    PyTorch.engine(cache);
  }

  private static TrainingRequest request(String fixture) {
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    Checkpoint checkpoint = Fixtures.checkpoint(fixture, cache);
    LoadRequest model = new LoadRequest(checkpoint, execution, cache, LoadListener.NONE);
    WeightTensor first = model.program().language().weights().linear().get(0);
    return new TrainingRequest(model, List.of(new LowRankChange(first, 1, 1)));
  }

  private static double loss(TrainingRequest request, int mapped, int piece) {
    int width = request.model().program().language().config().hiddenSize();
    float[] features = new float[6 * width];
    for (int i = 0; i < features.length; i++) {
      features[i] = i % 7 - 3;
    }
    try (DjlTraining training = DjlTraining.open(request, mapped, piece)) {
      return training.loss(new TrainingBatch(features, PROMPT, ANSWER));
    }
  }

  /** As of a table of more than 2 GiB, which neither a buffer nor an array of floats holds. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt-bin", "tiny-opt-bf16"})
  void aWeightThatIsFilledInPiecesIsTheSame(String fixture) {
    TrainingRequest request = request(fixture);
    double expected = loss(request, Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertThat(loss(request, 1000, 77)).isEqualTo(expected);
    assertThat(loss(request, 0, 1 << 20)).isEqualTo(expected);
  }
}
