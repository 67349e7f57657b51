package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ToyFamilyContract;

class OnnxToyFamilyTest extends ToyFamilyContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
