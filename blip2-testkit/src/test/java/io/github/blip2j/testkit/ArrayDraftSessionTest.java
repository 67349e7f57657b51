package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayDraftSessionTest extends DraftSessionContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
