package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayEachTokenTest extends EachTokenContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
