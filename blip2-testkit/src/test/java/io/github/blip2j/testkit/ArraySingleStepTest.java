package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArraySingleStepTest extends SingleStepContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
