package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.SessionContract;

class DjlSessionTest extends SessionContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
