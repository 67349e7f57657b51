package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;

/**
 * A session with a draft: cheaper weights of the same language model, which work on the same
 * key/value cache.
 */
public interface DraftingSession extends LanguageSession {
  /**
   * Appends a token to the only row as {@link #append} does, but with the draft's weights, which
   * are read faster and are less exact. What it adds to the cache is as inexact: the caller takes
   * it back with {@link #truncate}.
   *
   * @param token id
   * @param logits receives (V) float32 from index 0; owned by the caller
   * @throws IllegalArgumentException as {@link #appendEach}
   * @throws InferenceException if the engine fails
   */
  void guess(int token, float[] logits);

  @Override
  DraftingSession fork(int[] rows, int capacity);
}
