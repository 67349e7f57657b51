package io.github.blip2j;

import io.github.blip2j.host.Host;
import io.github.blip2j.internal.decoding.Turns;
import io.github.blip2j.internal.engine.Engine;
import java.util.Locale;

/**
 * How calls of many threads share a model's passes.
 *
 * @param rows of a step that texts take together; 0 if every call is for itself
 * @param waiting texts that wait beside them
 */
record Sharing(int rows, int waiting) {
  static final Sharing NONE = new Sharing(0, 0);

  /**
   * Checks what a user asks for.
   *
   * @throws IllegalArgumentException if rows is below 1 or waiting below 0
   */
  static Sharing of(int rows, int waiting) {
    if (rows < 1 || waiting < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "concurrency: expected at least 1 row and 0 waiting texts, found %d and %d",
              rows,
              waiting));
    }
    return new Sharing(rows, waiting);
  }

  /** The same for an engine whose passes have so many threads. */
  Engine.Concurrency of(int threads) {
    return rows == 0
        ? Engine.Concurrency.NONE
        : new Engine.Concurrency(rows, waiting, Turns.of(Host.cores(), threads));
  }
}
