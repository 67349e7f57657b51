package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ResourceContract;

class DjlResourceTest extends ResourceContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
