package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.VariantContract;

class DjlVariantTest extends VariantContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
