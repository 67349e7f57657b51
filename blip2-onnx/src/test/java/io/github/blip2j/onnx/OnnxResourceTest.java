package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ResourceContract;

class OnnxResourceTest extends ResourceContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
