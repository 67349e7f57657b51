package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayConcurrencyTest extends ConcurrencyContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
