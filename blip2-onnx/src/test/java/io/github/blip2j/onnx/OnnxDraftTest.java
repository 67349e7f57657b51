package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.testkit.BackendContract;

/** With a draft that guesses ahead, every token is still the reference's. */
class OnnxDraftTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }

  @Override
  protected Execution execution() {
    return withDraft();
  }
}
