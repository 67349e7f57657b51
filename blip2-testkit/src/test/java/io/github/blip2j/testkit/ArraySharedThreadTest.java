package io.github.blip2j.testkit;

import io.github.blip2j.Blip2Builder;
import io.github.blip2j.spi.Backend;

/** The same where calls share steps. */
class ArraySharedThreadTest extends ThreadContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }

  @Override
  protected Blip2Builder settings(Blip2Builder builder) {
    return builder.concurrency(4, 100);
  }
}
