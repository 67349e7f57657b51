package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

/** What families compute within a graph's loop, over arrays. */
class ArrayLookaheadTest extends LookaheadContract {
  @Override
  protected Backend backend() {
    return ArrayBackend.withLoop();
  }
}
