package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;

/** The querying transformer, which reads a picture into Q vectors (Li et al. 2023, §3.1). */
public interface QFormer {
  /**
   * Both results of one pass.
   *
   * @param queries (B, Q, D) float32, the last hidden state
   * @param projected (B, Q, d) float32, {@code queries} in the language model's space, or, of a
   *     checkpoint that matches pictures and texts, (B, Q, P) of length 1 in the space that they
   *     share
   */
  record Output(float[] queries, float[] projected) {}

  /**
   * Reads pictures.
   *
   * @param patches (B, N, E) float32 from {@link VisionEncoder#encode}
   * @param batch B, at least 1
   * @return query vectors and their projection
   * @throws IllegalArgumentException if the length of {@code patches} does not fit
   * @throws InferenceException if the engine fails
   */
  Output encode(float[] patches, int batch);
}
