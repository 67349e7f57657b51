package io.github.blip2j.onnx;

import io.github.blip2j.core.Device;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The graphs that a CUDA device would run, on the processor; with {@code -Dblip2.gpu.device=cuda:0}
 * on that device.
 */
public final class GpuBackend implements Backend {
  private static final Device DEVICE =
      Device.parse(System.getProperty("blip2.gpu.device", Device.CPU.toString()));

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
    Execution asked = request.execution();
    Execution there =
        new Execution(DEVICE, asked.threads(), asked.layout(), asked.precisions(), asked.draft());
    return OnnxModel.load(request.with(there), OnnxPlan.of(program, there, GraphTarget.CUDA));
  }
}
