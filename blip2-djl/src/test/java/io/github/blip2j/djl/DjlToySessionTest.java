package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ToySessionContract;

class DjlToySessionTest extends ToySessionContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
