package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ThreadContract;

class DjlThreadTest extends ThreadContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
