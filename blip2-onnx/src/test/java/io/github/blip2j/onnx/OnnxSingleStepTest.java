package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.SingleStepContract;

class OnnxSingleStepTest extends SingleStepContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
