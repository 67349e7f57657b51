package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.RelativesContract;

class OnnxRelativesTest extends RelativesContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
