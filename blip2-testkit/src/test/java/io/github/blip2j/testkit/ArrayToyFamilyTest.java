package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayToyFamilyTest extends ToyFamilyContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
