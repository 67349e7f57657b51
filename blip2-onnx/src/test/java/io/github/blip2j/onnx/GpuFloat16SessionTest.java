package io.github.blip2j.onnx;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.testkit.SessionContract;
import io.github.blip2j.testkit.Tolerance;

/** What a CUDA device would run unless it is told otherwise: float16. */
class GpuFloat16SessionTest extends SessionContract {
  @Override
  protected Backend backend() {
    return new GpuBackend();
  }

  @Override
  protected Execution execution() {
    return new Execution(Device.CPU, 1, WeightLayout.MAPPED, Precisions.of(Precision.FLOAT16));
  }

  @Override
  protected Tolerance tolerance() {
    return Tolerance.LOGITS_FLOAT16;
  }
}
