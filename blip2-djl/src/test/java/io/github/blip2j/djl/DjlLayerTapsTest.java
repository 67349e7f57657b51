package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.LayerTapsContract;

class DjlLayerTapsTest extends LayerTapsContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
