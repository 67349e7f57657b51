package io.github.blip2j.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.internal.host.Nvidia;
import io.github.blip2j.internal.session.WeightBytes;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

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
    Optional<String> none = Nvidia.noDriver();
    if (none.isPresent()) {
      return none;
    }
    OnnxLibrary.addCuda();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addCUDA(device.index());
      return Optional.empty();
    } catch (OrtException e) {
      return Optional.of("CUDA cannot be used: " + e.getMessage());
    }
  }

  /** Float16 on a card: half the memory, and attention to a cache is one kernel there. */
  @Override
  public Precisions precisions(Device device) {
    return Precisions.of(device.type() == Device.Type.CUDA ? Precision.FLOAT16 : Precision.FLOAT32);
  }

  @Override
  public Set<Precision> drafts(Device device) {
    return device.type() == Device.Type.CUDA
        ? Set.of()
        : EnumSet.of(Precision.INT8, Precision.INT4, Precision.INT4_BLOCK32);
  }

  /** Float32 stages are mapped; quantised and packed ones are the runtime's own copies. */
  @Override
  public long privateBytes(LoadRequest request) {
    ModelProgram program = request.checkpoint().program();
    Precisions precisions = request.execution().precisions();
    if (request.execution().device().type() == Device.Type.CUDA) {
      return 0; // they go to the card
    }
    long bytes = 0;
    boolean packed = OnnxModel.imageLayout(request.execution()) == WeightLayout.PACKED;
    if (packed || precisions.vision() != Precision.FLOAT32) {
      bytes += WeightBytes.vision(program, precisions.vision());
    }
    if (packed || precisions.qformer() != Precision.FLOAT32) {
      bytes += WeightBytes.qformer(program, precisions.qformer());
    }
    boolean copied =
        precisions.language() != Precision.FLOAT32
            || request.execution().layout() == WeightLayout.PACKED;
    if (copied && program.head() instanceof LanguageProgram) {
      bytes += WeightBytes.language(program, precisions.language());
    }
    Precision draft = request.execution().draft().orElse(null);
    if (draft != null && program.head() instanceof LanguageProgram) {
      bytes += WeightBytes.decoder(program, draft);
    }
    return bytes;
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    OnnxLibrary.start(request.cacheDirectory());
    return OnnxModel.load(request);
  }
}
