package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

class ArrayLayerTapsTest extends LayerTapsContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }
}
