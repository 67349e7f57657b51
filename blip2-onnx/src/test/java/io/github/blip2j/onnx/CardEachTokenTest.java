package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.EachTokenContract;

class CardEachTokenTest extends EachTokenContract {
  @Override
  protected Backend backend() {
    return new CardBackend();
  }
}
