package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArraySeveralImagesTest extends SeveralImagesContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
