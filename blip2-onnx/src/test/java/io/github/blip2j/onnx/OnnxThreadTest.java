package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ThreadContract;

class OnnxThreadTest extends ThreadContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
