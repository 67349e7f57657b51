package io.github.blip2j.djl;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.testkit.BackendContract;

class DjlPackedTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }

  @Override
  protected Execution execution() {
    return new Execution(Device.CPU, 2, WeightLayout.PACKED);
  }
}
