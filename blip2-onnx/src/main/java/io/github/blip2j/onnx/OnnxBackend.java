package io.github.blip2j.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.host.Host;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LayerInputs;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** BLIP-2 on ONNX Runtime. */
public final class OnnxBackend implements Backend {
  /** Creates the provider; loads nothing native. */
  public OnnxBackend() {}

  @Override
  public String id() {
    return "onnx";
  }

  @Override
  public int priority() {
    return 20;
  }

  @Override
  public Optional<String> obstacle(Device device, Path cacheDirectory) {
    OnnxLibrary.start(cacheDirectory);
    if (device.type() != Device.Type.CUDA) {
      return Optional.empty();
    }
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      return Optional.of("this ONNX Runtime has no CUDA; use the artifact onnxruntime_gpu");
    }
    Optional<String> none = Host.noNvidiaDriver();
    if (none.isPresent()) {
      return none;
    }
    OnnxLibrary.addCuda();
    return CudaProvider.obstacle(device);
  }

  /** Float16 on a CUDA device: half the memory, and attention to a cache is one kernel there. */
  @Override
  public Precisions precisions(Device device) {
    return OnnxPlan.usual(GraphTarget.of(device));
  }

  @Override
  public Precisions precisions(Device device, Recipe recipe) {
    return OnnxPlan.of(recipe, GraphTarget.of(device));
  }

  @Override
  public List<Precisions> fallbacks(Device device) {
    return OnnxPlan.fallbacks(GraphTarget.of(device));
  }

  @Override
  public long weightBytes(LoadRequest request) {
    return planned(request).weightBytes();
  }

  @Override
  public List<PreparedWeight> prepare(LoadRequest request) {
    return prepare(request, layer -> Optional.empty());
  }

  @Override
  public List<PreparedWeight> prepare(LoadRequest request, LayerInputs inputs) {
    return PreparedWeights.all(planned(request).requests(), inputs);
  }

  @Override
  public Set<String> calibrated(LoadRequest request) {
    return planned(request).requests().stream()
        .filter(r -> r.form().isCalibrated())
        .map(r -> r.weight().name())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public boolean reads(String form) {
    return WeightPlaces.Request.labels().contains(form);
  }

  @Override
  public Set<Precision> drafts(Device device) {
    return OnnxPlan.drafts(GraphTarget.of(device));
  }

  /** Float32 stages are mapped; quantised and packed ones are the runtime's own copies. */
  @Override
  public long privateBytes(LoadRequest request) {
    return planned(request).privateBytes();
  }

  @Override
  public List<Decision<?>> plan(LoadRequest request) {
    return planned(request).decisions();
  }

  private static OnnxPlan planned(LoadRequest request) {
    return OnnxPlan.of(request.program(), request.execution());
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    OnnxLibrary.start(request.cacheDirectory());
    return OnnxModel.load(request, planned(request));
  }
}
