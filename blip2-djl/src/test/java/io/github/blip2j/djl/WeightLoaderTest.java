package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.testkit.Fixtures;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that are larger than a buffer can be, for which smaller ones stand here. */
class WeightLoaderTest {
  private static LoadRequest request(String checkpoint, Precision precision) {
    PyTorch.engine(Blip2.defaultCacheDirectory());
    return new LoadRequest(
        Checkpoint.open(Fixtures.directory(checkpoint)),
        new Execution(Device.CPU, 1, WeightLayout.PACKED, Precisions.of(precision)),
        Blip2.defaultCacheDirectory(),
        LoadListener.NONE);
  }

  private static float[] vision(LoadRequest request, long mostRead) {
    int size = request.checkpoint().config().vision().imageSize();
    float[] pixels = new float[3 * size * size];
    Random random = new Random(7);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    DjlPlan plan = DjlPlan.of(request.execution(), KernelProbe::works);
    try (DjlModel model = DjlModel.load(request, plan, mostRead)) {
      return model
          .run("vision", Map.of("pixels", new HostTensor.Floats(pixels, 1, 3, size, size)))[0];
    }
  }

  /**
   * Kernels that give tensors, and ones that give objects; folds of norms; places of every kind.
   */
  @ParameterizedTest
  @CsvSource({
    "tiny-opt, FLOAT32",
    "tiny-opt, BFLOAT16",
    "tiny-opt, INT8",
    "tiny-opt-bf16, INT8",
    "tiny-opt-fp16-sharded, FLOAT16"
  })
  void theyAreSeenWhereTheirFileIsMapped(String checkpoint, Precision precision) {
    LoadRequest request = request(checkpoint, precision);
    float[] read = vision(request, Integer.MAX_VALUE);
    assertThat(vision(request, 1000)).hasSameSizeAs(read).isEqualTo(read);
  }
}
