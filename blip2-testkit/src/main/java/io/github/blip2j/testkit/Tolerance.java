package io.github.blip2j.testkit;

import java.util.Locale;

/**
 * How far a stage may be from the reference, relative to the largest element of the expected
 * tensor. Stages compute in float32 unless a constant says otherwise; only the order of sums
 * differs, and it adds up over layers.
 */
public enum Tolerance {
  /** Preprocessing is integer arithmetic and one rounding: nothing but the last bit may differ. */
  PIXELS(1e-6),
  /** Three blocks of sums over at most 76 products. */
  VISION(1e-4),
  /** Four blocks behind the vision encoder. */
  QFORMER(1e-4),
  /** A softmax within the Q-Former. */
  ATTENTION(1e-4),
  /** One product behind the Q-Former. */
  PROJECTED(1e-4),
  /** Everything. */
  LOGITS(1e-4),
  /** The same with products and cache in binary16, whose last bit is 2⁻¹¹; compared with itself. */
  LOGITS_FLOAT16(1e-2);

  private final double relative;

  Tolerance(double relative) {
    this.relative = relative;
  }

  /**
   * Compares element by element; "not within" fails, so NaN does.
   *
   * @param what named in the message, such as {@code tiny-opt/photo.jpg/vision}
   */
  public void check(String what, float[] expected, float[] found) {
    if (expected.length != found.length) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: expected %d elements, got %d",
              what,
              expected.length,
              found.length));
    }
    double largest = 0;
    for (float e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    double allowed = relative * largest;
    int worst = -1;
    double far = -1;
    for (int i = 0; i < expected.length; i++) {
      double distance = Math.abs((double) found[i] - expected[i]);
      if (!(distance <= allowed) && !(distance <= far)) {
        worst = i;
        far = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
      }
    }
    if (worst >= 0) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s[%d]: expected %s, got %s, tolerance %.1E",
              what,
              worst,
              expected[worst],
              found[worst],
              allowed));
    }
  }
}
