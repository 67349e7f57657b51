package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * Filters four positions of an edge between blocks, one in each of {@link Lanes}: of eight longs in
 * a row, p3 to p0 lie in front of the edge and q0 to q3 behind it. Without a branch for any of the
 * positions, since which of them change, and how much, is as good as random: a step of nothing is
 * what the others get.
 */
final class EdgeLanes {
  private static final long ONE = Lanes.ONE;
  private static final long NOTHING = 128 * ONE; // a step of 0

  private EdgeLanes() {}

  /** How strongly an edge is filtered. */
  record Strength(int limit, int interior, int variance) {}

  /**
   * RFC 6386, section 15.2.
   *
   * @param q where q0 is
   * @return whether anything changes
   */
  static boolean simple(long[] line, int q, Strength strength) {
    long changed = Lanes.mask(flat(line, q, strength));
    if (changed == 0) {
      return false;
    }
    near(line, q, Lanes.select(changed, step(line, q, Lanes.BYTES), NOTHING));
    return true;
  }

  /** Section 15.3, between subblocks; likewise. */
  static boolean inner(long[] line, int q, Strength strength) {
    long changed = Lanes.mask(smooth(line, q, strength));
    if (changed == 0) {
      return false;
    }
    long calm = calm(line, q, strength);
    long step = step(line, q, Lanes.BYTES ^ calm);
    long behind = near(line, q, Lanes.select(changed, step, NOTHING));
    if (calm != 0) {
      long half = Lanes.select(calm, behind + ONE >>> 1 & 31 * ONE, 8 * ONE) - 8 * ONE;
      line[q - 2] = Lanes.clip(line[q - 2] + half);
      line[q + 1] = Lanes.clip(line[q + 1] - half);
    }
    return true;
  }

  /** Section 15.3, between macroblocks; likewise. */
  static boolean outer(long[] line, int q, Strength strength) {
    long changed = Lanes.mask(smooth(line, q, strength));
    if (changed == 0) {
      return false;
    }
    long calm = changed & calm(line, q, strength);
    long step = step(line, q, Lanes.BYTES);
    near(line, q, Lanes.select(changed ^ calm, step, NOTHING));
    if (calm != 0) {
      long smooth = Lanes.select(calm, step, NOTHING);
      change(line, q - 1, q, share(27, smooth));
      change(line, q - 2, q + 1, share(18, smooth));
      change(line, q - 3, q + 2, share(9, smooth));
    }
    return true;
  }

  /** Adds to one pixel what it takes from another one. */
  private static void change(long[] line, int p, int q, long step) {
    line[p] = Lanes.clip(line[p] + step);
    line[q] = Lanes.clip(line[q] - step);
  }

  /**
   * Flags where the edge itself is not too high: 4 |p0 - q0| + |p1 - q1| within twice the limit.
   */
  private static long flat(long[] line, int q, Strength strength) {
    long near = 4 * (line[q - 1] - line[q]);
    long far = line[q - 2] - line[q + 1];
    int limit = 2 * strength.limit + 1;
    return Lanes.within(near + far, limit) & Lanes.within(near - far, limit);
  }

  /** Flags where neighbours on each side differ little too. */
  private static long smooth(long[] line, int q, Strength strength) {
    int interior = strength.interior;
    return flat(line, q, strength)
        & Lanes.within(line[q - 4] - line[q - 3], interior)
        & Lanes.within(line[q - 3] - line[q - 2], interior)
        & Lanes.within(line[q - 2] - line[q - 1], interior)
        & Lanes.within(line[q + 3] - line[q + 2], interior)
        & Lanes.within(line[q + 2] - line[q + 1], interior)
        & Lanes.within(line[q + 1] - line[q], interior);
  }

  /** Mask of low edge variance. */
  private static long calm(long[] line, int q, Strength strength) {
    int variance = strength.variance;
    return Lanes.mask(
        Lanes.within(line[q - 2] - line[q - 1], variance)
            & Lanes.within(line[q + 1] - line[q], variance));
  }

  /**
   * The step across the edge, -128 to 127, plus 128.
   *
   * @param far mask of the lanes that look at p1 and q1 too
   */
  private static long step(long[] line, int q, long far) {
    long outer = Lanes.clip(line[q - 2] - line[q + 1] + NOTHING);
    return Lanes.clip(3 * (line[q] - line[q - 1]) + Lanes.select(far, outer, NOTHING));
  }

  /** Changes p0 and q0; gives what q0 loses, plus 16. */
  private static long near(long[] line, int q, long step) {
    long front = eighth(step, 3);
    long behind = eighth(step, 4);
    line[q - 1] = Lanes.clip(line[q - 1] + front - 16 * ONE);
    line[q] = Lanes.clip(line[q] - behind + 16 * ONE);
    return behind;
  }

  /** An eighth of a step and a little more, at most 15, plus 16. */
  private static long eighth(long step, int more) {
    long sum = step + more * ONE;
    long over = sum >>> 8 & ONE;
    return (sum | (over << 8) - over) >>> 3 & 31 * ONE;
  }

  /** So many 128ths of a step, rounded. */
  private static long share(int parts, long step) {
    return (parts * step + 63 * ONE >>> 7 & 127 * ONE) - parts * ONE;
  }
}
