package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayRetrievalTest extends RetrievalContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
