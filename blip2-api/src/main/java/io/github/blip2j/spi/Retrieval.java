package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;

/**
 * The Q-Former reading texts, alone or together with a picture, and the heads on it (Li et al.
 * 2023, §3.2). The picture's own vectors come from {@link QFormer#encode}, whose projection is then
 * (B, Q, P) of length 1.
 */
public interface Retrieval {
  /**
   * Texts read alone, rows padded to the longest.
   *
   * @param states (B, T, D) float32, the last hidden state
   * @param features (B, T, P) float32 of length 1 in the space shared with pictures; a text's own
   *     vector is that of its first token
   */
  record Texts(float[] states, float[] features) {}

  /**
   * A picture read together with texts.
   *
   * @param queries (B, Q, D) float32, the queries' vectors
   * @param logits (B, 2) float32 of no match and match, the mean over the queries
   */
  record Pairs(float[] queries, float[] logits) {}

  /**
   * Reads texts.
   *
   * @param tokens ids of each, special tokens included; at least one text of at least one token
   * @return their vectors
   * @throws IllegalArgumentException if a text is empty or longer than the checkpoint's {@link
   *     io.github.blip2j.checkpoint.RetrievalConfig#maxPositions()}, or an id is out of range
   * @throws InferenceException if the engine fails
   */
  Texts read(int[][] tokens);

  /**
   * Reads one picture together with each of several texts.
   *
   * @param patches (1, N, E) float32 of the picture
   * @param tokens ids of each text, as for {@link #read}
   * @return vectors and logits of each pair
   * @throws IllegalArgumentException as {@link #read}, or if the length of {@code patches} does not
   *     fit
   * @throws InferenceException if the engine fails
   */
  Pairs match(float[] patches, int[][] tokens);
}
