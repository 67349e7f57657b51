package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

/** With steps ahead, every token is still the reference's. */
class ArrayLoopTest extends BackendContract {
  @Override
  protected Backend backend() {
    return ArrayBackend.withLoop();
  }
}
