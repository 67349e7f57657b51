package io.github.blip2j.onnx;

import io.github.blip2j.core.Device;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.Optional;

/** The graphs that a CUDA device would run, on the processor. */
public final class GpuBackend implements Backend {
  @Override
  public String id() {
    return "gpu";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Optional<String> obstacle(Device device, Path cache) {
    return Optional.empty();
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    ModelProgram program = request.program();
    return OnnxModel.load(request, OnnxPlan.of(program, request.execution(), GraphTarget.CUDA));
  }
}
