package io.github.blip2j.internal.decoding;

/**
 * Sums of exponentials over a vocabulary. {@code Math.exp} of 50 304 numbers would take longer than
 * all other decoding together; this is exact to two units in the last place of a float, and the sum
 * is kept in double.
 */
final class FastExp {
  /** Powers of 2 in steps of 1/64, as bits. */
  private static final int[] POWERS = powers();

  private static final float STEPS_PER_E = (float) (64 / Math.log(2));

  /** ln 2 / 64 in two parts; the upper one has few bits, so that multiples of it are exact. */
  private static final float STEP_HIGH = 0x1.62p-7f;

  private static final float STEP_LOW = (float) (Math.log(2) / 64 - STEP_HIGH);

  /** 1.5·2²³: a float of that size has no fraction, so adding it rounds, without a conversion. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

  private FastExp() {}

  private static int[] powers() {
    int[] powers = new int[64];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = Float.floatToRawIntBits((float) Math.pow(2, i / 64.0));
    }
    return powers;
  }

  /**
   * e^x for x at most 0, by x = n·ln 2/64 + r: a power from a table and a polynomial in r. Below
   * −87 it is 0.
   */
  static float exp(float x) {
    if (!(x > -87f)) {
      return Float.isNaN(x) ? x : 0;
    }
    float shifted = x * STEPS_PER_E + ROUNDER; // the nearest integer is now in its lowest bits
    int steps = Float.floatToRawIntBits(shifted) - ROUNDER_BITS;
    float n = shifted - ROUNDER;
    float r = x - n * STEP_HIGH - n * STEP_LOW;
    float more = r * (1 + r * (0.5f + r * 0.16666667f)); // e^r − 1
    float power = Float.intBitsToFloat(POWERS[steps & 63] + ((steps >> 6) << 23));
    return power + power * more;
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
