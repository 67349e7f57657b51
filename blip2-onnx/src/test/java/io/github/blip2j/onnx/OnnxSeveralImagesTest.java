package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.SeveralImagesContract;

class OnnxSeveralImagesTest extends SeveralImagesContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
