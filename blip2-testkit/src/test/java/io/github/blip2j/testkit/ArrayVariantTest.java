package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayVariantTest extends VariantContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
