package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;

/** A session that takes several steps in one call. */
public interface SteppingSession extends LanguageSession {
  /**
   * Appends as {@link #append} does, and goes on in the same call: in each further step every row
   * is appended the token that is chosen after its last. It ends before a step in which that would
   * be an end token for every row.
   *
   * @param features as for {@link #append}
   * @param tokens ids of each row, after which all rows have one length
   * @param further how many steps at most, and how each of the B rows chooses
   * @param logits receives (1+N, B, V) float32 from index 0; owned by the caller, with room for all
   *     steps
   * @return (N, B) ids that were appended in each of the N further steps that were taken, 0 to all
   * @throws IllegalArgumentException if a size does not fit, rows would be of unequal length, or
   *     one would outgrow the capacity
   * @throws InferenceException if the engine fails
   */
  int[][] appendAhead(float[] features, int[][] tokens, FurtherSteps further, float[] logits);

  @Override
  SteppingSession fork(int[] rows, int capacity);
}
