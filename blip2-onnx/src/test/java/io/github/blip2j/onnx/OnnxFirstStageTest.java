package io.github.blip2j.onnx;

import io.github.blip2j.core.Precision;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.FirstStageContract;
import java.util.Set;

class OnnxFirstStageTest extends FirstStageContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }

  @Override
  protected Set<Precision> precisions() {
    return Set.of(Precision.INT8, Precision.INT4);
  }
}
