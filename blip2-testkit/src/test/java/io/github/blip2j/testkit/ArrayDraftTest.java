package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayDraftTest extends DraftContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
