package io.github.blip2j.djl;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ToyFamilyContract;

class DjlToyFamilyTest extends ToyFamilyContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }
}
