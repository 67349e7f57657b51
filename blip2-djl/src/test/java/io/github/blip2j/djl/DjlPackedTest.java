package io.github.blip2j.djl;

import io.github.blip2j.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.BackendContract;

class DjlPackedTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new DjlBackend();
  }

  @Override
  protected WeightLayout layout() {
    return WeightLayout.PACKED;
  }
}
