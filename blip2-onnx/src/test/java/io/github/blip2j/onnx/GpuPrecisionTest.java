package io.github.blip2j.onnx;

import io.github.blip2j.core.Precision;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.PrecisionContract;
import java.util.EnumSet;
import java.util.Set;

/** Float16 as on a CUDA device: products, cache and attention to it. */
class GpuPrecisionTest extends PrecisionContract {
  @Override
  protected Backend backend() {
    return new GpuBackend();
  }

  @Override
  protected Set<Precision> precisions() {
    return EnumSet.of(Precision.FLOAT16);
  }

  @Override
  protected double slack() {
    return 2; // T5's logits are 8.9e-3 off
  }
}
