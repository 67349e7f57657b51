package io.github.blip2j.djl;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.DType;
import io.github.blip2j.internal.session.WeightBytes;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.Optional;

/** BLIP-2 on PyTorch through DJL. */
public final class DjlBackend implements Backend {
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
    int cards = PyTorch.engine(cacheDirectory).getGpuCount();
    return device.index() >= cards
        ? Optional.of("PyTorch finds " + cards + " CUDA devices")
        : Optional.empty();
  }

  /** Float16 on a card. */
  @Override
  public Precisions precisions(Device device) {
    boolean card = device.type() == Device.Type.CUDA;
    return Precisions.of(card ? Precision.FLOAT16 : Precision.FLOAT32);
  }

  /** All is packed but a float32 language model, which is mapped unless packing is asked for. */
  @Override
  public long privateBytes(LoadRequest request) {
    Checkpoint checkpoint = request.checkpoint();
    ModelProgram program = checkpoint.program();
    Precisions precisions = request.execution().precisions();
    long bytes =
        WeightBytes.vision(program, precisions.vision())
            + WeightBytes.qformer(program, precisions.qformer());
    boolean mapped =
        precisions.language() == Precision.FLOAT32
            && request.execution().layout() == WeightLayout.MAPPED
            && checkpoint.weights().all().stream().allMatch(t -> t.dtype() == DType.F32);
    if (!mapped && program.head() instanceof LanguageProgram) {
      bytes += WeightBytes.language(program, precisions.language());
    }
    return bytes;
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    PyTorch.engine(request.cacheDirectory());
    return DjlModel.load(request);
  }
}
