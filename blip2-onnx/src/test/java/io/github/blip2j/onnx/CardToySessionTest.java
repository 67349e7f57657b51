package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ToySessionContract;

/** Grouped queries in the attention that is made of plain operators. */
class CardToySessionTest extends ToySessionContract {
  @Override
  protected Backend backend() {
    return new CardBackend();
  }
}
