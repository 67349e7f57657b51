package io.github.blip2j.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import io.github.blip2j.Device;
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
