package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.LayerTapsContract;

class OnnxLayerTapsTest extends LayerTapsContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
