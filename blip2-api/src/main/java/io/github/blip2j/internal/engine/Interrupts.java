package io.github.blip2j.internal.engine;

import io.github.blip2j.core.InferenceException;

/** Interrupts between the passes of work whose parts are no result. */
final class Interrupts {
  private Interrupts() {}

  /**
   * Stops if the thread has been interrupted. It stays so.
   *
   * @throws InferenceException naming the stage
   */
  static void check(String stage) {
    if (Thread.currentThread().isInterrupted()) {
      throw new InferenceException(stage + ": stopped, since the thread was interrupted");
    }
  }
}
