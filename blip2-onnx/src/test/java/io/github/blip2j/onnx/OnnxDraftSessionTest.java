package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.DraftSessionContract;

class OnnxDraftSessionTest extends DraftSessionContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
