package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArraySessionTest extends SessionContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
