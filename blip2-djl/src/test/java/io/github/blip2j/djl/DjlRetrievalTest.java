package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.RetrievalContract;

class DjlRetrievalTest extends RetrievalContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
