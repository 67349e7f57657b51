package io.github.blip2j.onnx;

import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.BackendContract;

/** What a CUDA device would run, with the loop in the graph, gives the reference's tokens. */
class GpuGraphsTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new GpuBackend();
  }
}
