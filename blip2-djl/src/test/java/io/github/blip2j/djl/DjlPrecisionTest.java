package io.github.blip2j.djl;

import io.github.blip2j.core.Precision;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.PrecisionContract;
import java.util.EnumSet;
import java.util.Set;

class DjlPrecisionTest extends PrecisionContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }

  @Override
  protected Set<Precision> precisions() {
    return EnumSet.of(Precision.FLOAT16, Precision.BFLOAT16, Precision.INT8);
  }
}
