package io.github.blip2j.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import io.github.blip2j.Device;
import io.github.blip2j.Precision;
import io.github.blip2j.Precisions;
import io.github.blip2j.WeightLayout;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.DType;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.WeightBytes;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.util.Optional;

/** BLIP-2 on PyTorch through DJL. */
public final class DjlBackend implements Backend {
  static final String ENGINE = "PyTorch";

  private static final String OFFLINE = "ai.djl.offline";

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
  public Optional<String> obstacle(Device device) {
    try {
      Engine engine = engine();
      int cards = device.type() == Device.Type.CUDA ? engine.getGpuCount() : 0;
      return device.type() == Device.Type.CUDA && device.index() >= cards
          ? Optional.of("PyTorch finds " + cards + " CUDA devices")
          : Optional.empty();
    } catch (EngineException | LinkageError e) {
      return Optional.of("PyTorch cannot be loaded: " + e.getMessage());
    }
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
    Precisions precisions = request.execution().precisions();
    long bytes =
        WeightBytes.vision(checkpoint, precisions.vision())
            + WeightBytes.qformer(checkpoint, precisions.qformer());
    boolean mapped =
        precisions.language() == Precision.FLOAT32
            && request.execution().layout() == WeightLayout.MAPPED
            && checkpoint.weights().all().stream().allMatch(t -> t.dtype() == DType.F32);
    if (!mapped && checkpoint.config().head() instanceof TextConfig) {
      bytes += WeightBytes.language(checkpoint, precisions.language());
    }
    return bytes;
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    engine();
    return DjlModel.load(request);
  }

  /**
   * Starts the engine. DJL asks a cloud's metadata service and the network for libraries unless it
   * is offline; it is, unless the application has said otherwise before.
   */
  private static Engine engine() {
    if (System.getProperty(OFFLINE) == null) {
      System.setProperty(OFFLINE, "true");
    }
    return Engine.getEngine(ENGINE);
  }
}
