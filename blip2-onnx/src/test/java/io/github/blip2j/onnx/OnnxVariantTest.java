package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.VariantContract;

class OnnxVariantTest extends VariantContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
