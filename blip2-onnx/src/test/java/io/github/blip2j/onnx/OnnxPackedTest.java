package io.github.blip2j.onnx;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.testkit.BackendContract;

class OnnxPackedTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }

  @Override
  protected Execution execution() {
    return new Execution(Device.CPU, 1, WeightLayout.PACKED);
  }
}
