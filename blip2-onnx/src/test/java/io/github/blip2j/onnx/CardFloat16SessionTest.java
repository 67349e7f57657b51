package io.github.blip2j.onnx;

import io.github.blip2j.Device;
import io.github.blip2j.Precision;
import io.github.blip2j.Precisions;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.testkit.SessionContract;
import io.github.blip2j.testkit.Tolerance;
import java.util.Optional;

/** What a CUDA device would run unless it is told otherwise: float16, loop included. */
class CardFloat16SessionTest extends SessionContract {
  @Override
  protected Backend backend() {
    return new Halves();
  }

  @Override
  protected boolean goesAhead() {
    return true;
  }

  @Override
  protected Tolerance tolerance() {
    return Tolerance.LOGITS_FLOAT16;
  }

  /** A card that takes float16 whatever it is asked for. */
  private static final class Halves implements Backend {
    private final CardBackend card = new CardBackend();

    @Override
    public String id() {
      return card.id();
    }

    @Override
    public int priority() {
      return card.priority();
    }

    @Override
    public Optional<String> obstacle(Device device) {
      return card.obstacle(device);
    }

    @Override
    public LoadedModel load(LoadRequest request) {
      Execution asked = request.execution();
      Execution halves =
          new Execution(
              asked.device(), asked.threads(), asked.layout(), Precisions.of(Precision.FLOAT16));
      return card.load(
          new LoadRequest(
              request.checkpoint(), halves, request.cacheDirectory(), request.listener()));
    }
  }
}
