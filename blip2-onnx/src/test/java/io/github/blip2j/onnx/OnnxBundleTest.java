package io.github.blip2j.onnx;

import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.BundleContract;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

class OnnxBundleTest extends BundleContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }

  @Override
  protected List<Precisions> stored() {
    return Stream.concat(
            Arrays.stream(Recipe.values()).map(r -> OnnxPlan.of(r, GraphTarget.CPU)),
            Stream.of("float32,float32,int8", "int4,int8-weights,int8").map(Precisions::parse))
        .toList();
  }
}
