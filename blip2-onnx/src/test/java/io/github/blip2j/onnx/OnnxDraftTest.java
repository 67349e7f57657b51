package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.DraftContract;

class OnnxDraftTest extends DraftContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }
}
