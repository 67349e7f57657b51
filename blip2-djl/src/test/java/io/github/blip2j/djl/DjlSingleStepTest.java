package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.SingleStepContract;

class DjlSingleStepTest extends SingleStepContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
