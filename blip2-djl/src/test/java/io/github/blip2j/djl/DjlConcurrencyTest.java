package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ConcurrencyContract;

class DjlConcurrencyTest extends ConcurrencyContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
