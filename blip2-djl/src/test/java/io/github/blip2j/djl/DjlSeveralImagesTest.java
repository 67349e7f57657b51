package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.SeveralImagesContract;

class DjlSeveralImagesTest extends SeveralImagesContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
