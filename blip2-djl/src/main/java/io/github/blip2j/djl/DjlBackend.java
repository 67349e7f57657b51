package io.github.blip2j.djl;

import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** BLIP-2 on PyTorch through DJL. */
public final class DjlBackend implements Backend {
  // Of this processor: every model that is opened asks anew for a backend.
  private static final Map<LinearKernel, Boolean> PROBED = new ConcurrentHashMap<>();
  private static final Map<LinearKernel, Double> SPEEDS = new ConcurrentHashMap<>();

  /** Creates the provider; loads nothing native. */
  public DjlBackend() {}

  @Override
  public String id() {
    return "djl";
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public Optional<String> obstacle(Device device, Path cacheDirectory) {
    if (device.type() != Device.Type.CUDA) {
      PyTorch.engine(cacheDirectory);
      return Optional.empty();
    }
    Optional<String> none = PyTorch.noCuda();
    if (none.isPresent()) {
      return none;
    }
    int gpus = PyTorch.engine(cacheDirectory).getGpuCount();
    return device.index() >= gpus
        ? Optional.of(
            "PyTorch finds "
                + gpus
                + " CUDA devices: DJL counts them once in a process, with the CUDA runtime in the"
                + " jar of PyTorch's libraries; for a libtorch of your own the system must find"
                + " libcudart by that name, without a number behind it; a container or"
                + " CUDA_VISIBLE_DEVICES may hide devices")
        : Optional.empty();
  }

  /** Float16 on a CUDA device. */
  @Override
  public Precisions precisions(Device device) {
    return DjlPlan.usual(device);
  }

  @Override
  public Precisions precisions(Device device, Recipe recipe) {
    return DjlPlan.of(recipe, device);
  }

  @Override
  public List<Precisions> fallbacks(Device device) {
    return device.type() == Device.Type.CUDA
        ? List.of()
        : List.of(DjlPlan.of(Recipe.BALANCED, device));
  }

  @Override
  public long weightBytes(LoadRequest request) {
    if (request.execution().device().type() == Device.Type.CUDA) {
      return 0;
    }
    Precisions precisions = request.execution().precisions();
    ModelProgram program = request.program();
    long image =
        program.vision().weights().bytes(precisions.vision())
            + program.qformerWeights().bytes(precisions.qformer());
    return program.head() instanceof LanguageProgram language
        ? image + language.weights().bytes(precisions.language())
        : image;
  }

  /** All is packed but a float32 language model, which is mapped unless packing is asked for. */
  @Override
  public long privateBytes(LoadRequest request) {
    return planned(request).privateBytes(request.checkpoint(), request.program());
  }

  @Override
  public List<Decision<?>> plan(LoadRequest request) {
    return planned(request).decisions();
  }

  /** Starts the engine, which is asked once for each kernel whether it works here. */
  private DjlPlan planned(LoadRequest request) {
    PyTorch.engine(request.cacheDirectory());
    return DjlPlan.of(
        request.execution(),
        new DjlPlan.Probes() {
          @Override
          public boolean works(LinearKernel kernel) {
            return PROBED.computeIfAbsent(kernel, KernelProbe::works);
          }

          @Override
          public double speed(LinearKernel kernel) {
            return SPEEDS.computeIfAbsent(kernel, KernelProbe::speed);
          }
        });
  }

  @Override
  public TrainingModel openTraining(TrainingRequest request) {
    PyTorch.engine(request.model().cacheDirectory());
    return DjlTraining.open(request);
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    return DjlModel.load(request, planned(request));
  }
}
