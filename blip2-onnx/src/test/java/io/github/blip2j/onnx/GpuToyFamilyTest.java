package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ToyFamilyContract;

/** Grouped queries in the attention that is made of plain operators. */
class GpuToyFamilyTest extends ToyFamilyContract {
  @Override
  protected Backend backend() {
    return new GpuBackend();
  }
}
