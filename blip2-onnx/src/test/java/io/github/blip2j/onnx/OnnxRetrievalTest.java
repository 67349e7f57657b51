package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.RetrievalContract;

class OnnxRetrievalTest extends RetrievalContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
