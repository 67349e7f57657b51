package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.EachTokenContract;

class DjlEachTokenTest extends EachTokenContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
