package io.github.blip2j.internal.decoding;

/**
 * Sums of exponentials over a vocabulary. {@code Math.exp} of 50 304 numbers would take longer than
 * all other decoding together; this is exact to two units in the last place of a float, and the sum
 * is kept in double.
 */
final class FastExp {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** 1.5·2²³: a float of that size has no fraction, so adding it rounds, without a conversion. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

  private FastExp() {}

  /**
   * e^x for x at most 0, by x = n·ln 2 + r and a polynomial in r (Cephes, {@code expf}). Below −87
   * it is 0.
   */
  static float exp(float x) {
    if (!(x > -87f)) {
      return Float.isNaN(x) ? x : 0;
    }
    float shifted = x * LOG2_E + ROUNDER; // the nearest integer is now in its lowest bits
    int exponent = Float.floatToRawIntBits(shifted) - ROUNDER_BITS;
    float n = shifted - ROUNDER;
    float r = x - n * LN2_HIGH - n * LN2_LOW;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    float power = p * r * r + r + 1;
    return power * Float.intBitsToFloat(exponent + 127 << 23);
  }

  /**
   * Weights e^(score − largest score).
   *
   * @param largest the largest score
   * @param weights receives them
   * @return their sum
   */
  static double softmaxWeights(float[] scores, float largest, float[] weights) {
    double even = 0; // two sums, so that one addition does not wait for the other
    double odd = 0;
    for (int i = 0; i + 1 < scores.length; i += 2) {
      float a = exp(scores[i] - largest);
      float b = exp(scores[i + 1] - largest);
      weights[i] = a;
      weights[i + 1] = b;
      even += a;
      odd += b;
    }
    if (scores.length % 2 == 1) {
      int last = scores.length - 1;
      weights[last] = exp(scores[last] - largest);
      even += weights[last];
    }
    return even + odd;
  }

  /** log Σ e^scores; negative infinity if all are, and no number if one is none. */
  static double logSumExp(float[] scores) {
    float largest = Largest.of(scores);
    if (Float.isInfinite(largest)) {
      return containsNaN(scores) ? Double.NaN : largest;
    }
    double even = 0; // two sums, so that one addition does not wait for the other
    double odd = 0;
    for (int i = 0; i + 1 < scores.length; i += 2) {
      even += exp(scores[i] - largest);
      odd += exp(scores[i + 1] - largest);
    }
    if (scores.length % 2 == 1) {
      even += exp(scores[scores.length - 1] - largest);
    }
    return largest + Math.log(even + odd);
  }

  private static boolean containsNaN(float[] scores) {
    for (float s : scores) {
      if (Float.isNaN(s)) {
        return true;
      }
    }
    return false;
  }
}
