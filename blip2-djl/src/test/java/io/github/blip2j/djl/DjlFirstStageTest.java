package io.github.blip2j.djl;

import io.github.blip2j.core.Precision;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.FirstStageContract;
import java.util.Set;

class DjlFirstStageTest extends FirstStageContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }

  @Override
  protected Set<Precision> precisions() {
    return Set.of(Precision.BFLOAT16, Precision.INT8);
  }
}
