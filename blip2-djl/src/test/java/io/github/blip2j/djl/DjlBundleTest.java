package io.github.blip2j.djl;

import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.BundleContract;
import java.util.List;

class DjlBundleTest extends BundleContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }

  @Override
  protected List<Precisions> stored() {
    return List.of(
        Precisions.of(Precision.FLOAT32),
        Precisions.of(Precision.FLOAT16),
        Precisions.of(Precision.BFLOAT16));
  }

  @Override
  protected List<Precisions> unstored() {
    return List.of(Precisions.of(Precision.INT8));
  }
}
