package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.RelativesContract;

class DjlRelativesTest extends RelativesContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
