package io.github.blip2j.djl;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.testkit.BackendContract;
import java.util.List;

/**
 * The image stages are packed whatever is asked for, of every type that weights are stored in: the
 * language models are what differs, one with biases and one without.
 */
class DjlPackedTest extends BackendContract {
  static List<String> checkpoints() {
    return List.of("tiny-opt", "tiny-t5");
  }

  @Override
  protected Backend backend() {
    return new DjlBackend();
  }

  @Override
  protected Execution execution() {
    return new Execution(Device.CPU, 1, WeightLayout.PACKED);
  }
}
