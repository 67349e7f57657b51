package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;

/** How many times as long as a text its replacements can make it, one after the other. */
final class Growth {
  /** A single replacement may put the longest text in place of one character. */
  private static final double MOST = 2 * Part.LONGEST_TEXT;

  private Growth() {}

  /**
   * Refuses what makes a text too long for any memory.
   *
   * @param step a checked normalizer or decoder
   * @param steps the name under which a sequence has its steps
   * @return the step
   */
  static JsonNode check(String where, JsonNode step, String steps) {
    double growth = of(step, steps);
    if (growth > MOST) {
      throw new CheckpointException(
          where + ": expected a text at most " + (long) MOST + " times as long, found " + growth);
    }
    return step;
  }

  private static double of(JsonNode step, String steps) {
    double growth = 1;
    for (JsonNode one : step.path(steps)) {
      growth *= of(one, steps);
    }
    if (step.has("pattern")) {
      // An expression may match between any two characters.
      int content = step.path("content").asText().length();
      JsonNode text = step.path("pattern").path("String");
      growth *=
          text.isTextual() ? Math.max(1, (double) content / text.asText().length()) : 1 + content;
    }
    return growth;
  }
}
