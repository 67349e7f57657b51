package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.BackendContract;

class DjlBackendTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
