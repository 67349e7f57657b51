package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ConcurrencyContract;

class OnnxConcurrencyTest extends ConcurrencyContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
