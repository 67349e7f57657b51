package io.github.blip2j.internal.family.llama;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.stage.Rotary;

/**
 * Angles of rotary positions from {@code rope_theta} and {@code rope_scaling}, as Transformers 4
 * writes them, or from {@code rope_parameters}, as 5 does.
 */
final class RotarySettings {
  private static final String TYPE = "rope_type";
  private static final String OLD_TYPE = "type";
  private static final double BASE = 10_000;

  private RotarySettings() {}

  static Rotary parse(Json json, int headWidth) {
    boolean together = json.has("rope_parameters");
    Json scaling = json.at(together ? "rope_parameters" : "rope_scaling");
    String type = scaling.text(scaling.has(TYPE) ? TYPE : OLD_TYPE, "default");
    Rules.oneOf(scaling.where() + ": " + TYPE, type, "default", "linear");
    double factor = type.equals("linear") ? scaling.number("factor", 1) : 1;
    Json base = together ? scaling : json;
    try {
      return new Rotary(headWidth, base.number("rope_theta", BASE), factor);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          base.where()
              + ": rotary positions: expected an even head_dim, a rope_theta above 1 and a"
              + " factor of at least 1, found: "
              + e.getMessage(),
          e);
    }
  }
}
