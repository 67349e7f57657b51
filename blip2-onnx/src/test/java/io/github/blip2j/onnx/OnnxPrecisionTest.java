package io.github.blip2j.onnx;

import io.github.blip2j.core.Precision;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.PrecisionContract;
import java.util.EnumSet;
import java.util.Set;

class OnnxPrecisionTest extends PrecisionContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }

  @Override
  protected Set<Precision> precisions() {
    return EnumSet.of(
        Precision.INT8, Precision.INT8_WEIGHTS, Precision.INT4, Precision.INT4_BLOCK32);
  }
}
