package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayToySessionTest extends ToySessionContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
