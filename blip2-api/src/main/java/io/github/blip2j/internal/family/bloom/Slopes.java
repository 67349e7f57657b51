package io.github.blip2j.internal.family.bloom;

/**
 * How fast each head's attention falls with the distance of a key (Press et al. 2022): powers of a
 * base; where the heads are no power of two, those beyond have the odd powers of the next base.
 * Source: Transformers, {@code build_alibi_tensor}.
 */
final class Slopes {
  private Slopes() {}

  /** Of each of the heads. */
  static float[] of(int heads) {
    int power = Integer.highestOneBit(heads);
    double base = base(power);
    double next = base(2 * power);
    float[] slopes = new float[heads];
    for (int head = 0; head < heads; head++) {
      slopes[head] =
          (float)
              (head < power ? Math.pow(base, head + 1) : Math.pow(next, 2 * (head - power) + 1));
    }
    return slopes;
  }

  /** 2^(−8/n). */
  private static double base(int count) {
    return Math.pow(2, -8d / count);
  }
}
