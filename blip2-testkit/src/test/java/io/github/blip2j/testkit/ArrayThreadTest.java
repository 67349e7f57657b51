package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayThreadTest extends ThreadContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
