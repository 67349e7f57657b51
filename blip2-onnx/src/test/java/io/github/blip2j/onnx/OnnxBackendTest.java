package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.BackendContract;

class OnnxBackendTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
