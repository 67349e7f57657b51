package io.github.blip2j.testkit;

import io.github.blip2j.Device;
import io.github.blip2j.Precision;
import io.github.blip2j.Precisions;
import io.github.blip2j.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import java.util.Optional;

/** With a draft that guesses ahead, every token is still the reference's. */
class ArrayDraftTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new ArrayBackend();
  }

  @Override
  protected Execution execution() {
    return new Execution(
        Device.CPU,
        2,
        WeightLayout.PACKED,
        Precisions.of(Precision.FLOAT32),
        Optional.of(Precision.INT4));
  }
}
