package io.github.blip2j.testkit;

import io.github.blip2j.core.Precision;
import io.github.blip2j.spi.Backend;
import java.util.Set;

class ArrayFirstStageTest extends FirstStageContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }

  @Override
  protected Set<Precision> precisions() {
    return Set.of();
  }
}
