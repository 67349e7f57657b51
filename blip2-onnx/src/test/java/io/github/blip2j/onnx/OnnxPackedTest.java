package io.github.blip2j.onnx;

import io.github.blip2j.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.BackendContract;

class OnnxPackedTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }

  @Override
  protected WeightLayout layout() {
    return WeightLayout.PACKED;
  }
}
