package io.github.blip2j.spring;

import io.github.blip2j.Blip2;
import java.util.Optional;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Up while the model is open, unknown before its first use loads it. Loads nothing and computes
 * nothing.
 */
final class Blip2HealthIndicator extends AbstractHealthIndicator {
  private final LoadedModels models;

  Blip2HealthIndicator(LoadedModels models) {
    super("the model cannot be used");
    this.models = models;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Optional<Blip2> model = models.find();
    if (model.isEmpty()) {
      health.unknown().withDetail("model", "not loaded yet: its first use loads it");
      return;
    }
    Blip2 blip2 = model.get();
    blip2.tokenizer().encode(""); // refused once it is closed, which makes it down
    health
        .up()
        .withDetail("backend", blip2.backend())
        .withDetail("device", blip2.device().toString())
        .withDetail("capabilities", blip2.capabilities())
        .withDetail("checkpoint", blip2.checkpoint());
  }
}
