package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.SessionContract;

class GpuSessionTest extends SessionContract {
  @Override
  protected Backend backend() {
    return new GpuBackend();
  }
}
