package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;

/** With a draft that guesses ahead, every token is still the reference's. */
class ArrayDraftTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }

  @Override
  protected Execution execution() {
    return withDraft();
  }
}
