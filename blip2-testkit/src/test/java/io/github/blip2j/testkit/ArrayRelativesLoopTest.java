package io.github.blip2j.testkit;

import io.github.blip2j.spi.Backend;

/** Steps whose inputs are computed from the tokens before them, as in a graph's loop. */
class ArrayRelativesLoopTest extends RelativesContract {
  @Override
  protected Backend backend() {
    return ArrayBackend.withLoop();
  }
}
