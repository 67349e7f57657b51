package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayBackendTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
