package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayRelativesTest extends RelativesContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
