package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.RelativesContract;

/** Rotary positions and grouped queries in the loop within the graph. */
class GpuRelativesTest extends RelativesContract {
  @Override
  protected Backend backend() {
    return new GpuBackend();
  }
}
