package io.github.blip2j.stage;

/**
 * Angles by which rotary positions turn (Su et al. 2021): position · base^(−2j/d) for the j-th pair
 * of a head.
 *
 * @param headWidth d, even
 * @param base above 1, usually 10 000
 * @param factor by which positions are divided, at least 1; 1 unless they are scaled linearly
 */
public record Rotary(int headWidth, double base, double factor) {
  /** Checks the numbers. */
  public Rotary {
    if (headWidth < 2 || headWidth % 2 != 0) {
      throw new IllegalArgumentException("headWidth (" + headWidth + ") must be even");
    }
    if (!(base > 1) || base == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("base (" + base + ") must be above 1");
    }
    if (!(factor >= 1) || factor == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("factor (" + factor + ") must be at least 1");
    }
  }

  /**
   * What a position is multiplied by, in float and operation by operation as in the reference
   * (Transformers, {@code LlamaRotaryEmbedding}).
   *
   * @return (d/2) radians a position
   */
  public float[] frequencies() {
    float[] frequencies = new float[headWidth / 2];
    for (int j = 0; j < frequencies.length; j++) {
      float exponent = (float) (2 * j) / headWidth;
      frequencies[j] = 1 / (float) Math.pow(base, exponent) / (float) factor;
    }
    return frequencies;
  }
}
