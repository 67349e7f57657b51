package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ToySessionContract;

class OnnxToySessionTest extends ToySessionContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
