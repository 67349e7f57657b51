package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;

/** The frozen image encoder, ViT-g in the published checkpoints (Li et al. 2023, §3.1). */
public interface VisionEncoder {
  /**
   * Encodes pictures.
   *
   * @param pixels (B, 3, side, side) float32, normalised
   * @param batch B, at least 1
   * @return patch vectors (B, N, E) after the last layer norm, class vector first
   * @throws IllegalArgumentException if the length of {@code pixels} does not fit
   * @throws InferenceException if the engine fails
   */
  float[] encode(float[] pixels, int batch);
}
