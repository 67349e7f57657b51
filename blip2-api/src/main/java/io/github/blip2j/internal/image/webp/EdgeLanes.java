package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * Four positions of an edge between blocks, one in each of {@link Lanes}: p3 to p0 lie in front of
 * the edge and q0 to q3 behind it. Filters them without a branch for any of them, since which of
 * them change, and how much, is as good as random. For one thread.
 */
final class EdgeLanes {
  private static final long ONE = Lanes.ONE;

  long p3;
  long p2;
  long p1;
  long p0;
  long q0;
  long q1;
  long q2;
  long q3;

  /** How strongly an edge is filtered. */
  record Strength(int limit, int interior, int variance) {}

  /** Takes four rows of eight pixels across the edge, the first lowest. */
  void fromRows(long a, long b, long c, long d) {
    long ab = Lanes.even(a & Lanes.BYTES, b & Lanes.BYTES);
    long cd = Lanes.even(c & Lanes.BYTES, d & Lanes.BYTES);
    p3 = Lanes.low(ab, cd);
    q0 = Lanes.high(ab, cd);
    ab = Lanes.odd(a & Lanes.BYTES, b & Lanes.BYTES);
    cd = Lanes.odd(c & Lanes.BYTES, d & Lanes.BYTES);
    p1 = Lanes.low(ab, cd);
    q2 = Lanes.high(ab, cd);
    ab = Lanes.even(a >>> 8 & Lanes.BYTES, b >>> 8 & Lanes.BYTES);
    cd = Lanes.even(c >>> 8 & Lanes.BYTES, d >>> 8 & Lanes.BYTES);
    p2 = Lanes.low(ab, cd);
    q1 = Lanes.high(ab, cd);
    ab = Lanes.odd(a >>> 8 & Lanes.BYTES, b >>> 8 & Lanes.BYTES);
    cd = Lanes.odd(c >>> 8 & Lanes.BYTES, d >>> 8 & Lanes.BYTES);
    p0 = Lanes.low(ab, cd);
    q3 = Lanes.high(ab, cd);
  }

  /** Writes the four rows. */
  void toRows(byte[] pixels, int at, int stride) {
    long first = p3 | p2 << 8;
    long second = p1 | p0 << 8;
    long third = q0 | q1 << 8;
    long fourth = q2 | q3 << 8;
    long front = Lanes.even(first, second);
    long behind = Lanes.even(third, fourth);
    Lanes.store(pixels, at, Lanes.low(front, behind));
    Lanes.store(pixels, at + 2 * stride, Lanes.high(front, behind));
    front = Lanes.odd(first, second);
    behind = Lanes.odd(third, fourth);
    Lanes.store(pixels, at + stride, Lanes.low(front, behind));
    Lanes.store(pixels, at + 3 * stride, Lanes.high(front, behind));
  }

  /** RFC 6386, section 15.2; false when nothing changes. */
  boolean simple(Strength strength) {
    long changed = Lanes.mask(flat(strength));
    if (changed == 0) {
      return false;
    }
    near(step(Lanes.BYTES), changed);
    return true;
  }

  /** Section 15.3, between subblocks; false when nothing changes. */
  boolean inner(Strength strength) {
    long changed = Lanes.mask(smooth(strength));
    if (changed == 0) {
      return false;
    }
    long varied = varied(strength);
    long behind = near(step(varied), changed);
    long calm = changed & ~varied;
    if (calm == 0) {
      return true;
    }
    long outer = (behind + ONE >>> 1 & 31 * ONE) - 8 * ONE;
    p1 = Lanes.select(calm, Lanes.clip(p1 + outer), p1);
    q1 = Lanes.select(calm, Lanes.clip(q1 - outer), q1);
    return true;
  }

  /** Section 15.3, between macroblocks; false when nothing changes. */
  boolean outer(Strength strength) {
    long changed = Lanes.mask(smooth(strength));
    if (changed == 0) {
      return false;
    }
    long varied = varied(strength);
    long step = step(Lanes.BYTES);
    long calm = changed & ~varied;
    if (calm == 0) {
      near(step, changed);
      return true;
    }
    long near = share(27, step);
    long middle = share(18, step) - 18 * ONE;
    long far = share(9, step) - 9 * ONE;
    long front = Lanes.select(varied, eighth(step, 3) + 11 * ONE, near) - 27 * ONE;
    long behind = Lanes.select(varied, eighth(step, 4) + 11 * ONE, near) - 27 * ONE;
    p0 = Lanes.select(changed, Lanes.clip(p0 + front), p0);
    q0 = Lanes.select(changed, Lanes.clip(q0 - behind), q0);
    p1 = Lanes.select(calm, Lanes.clip(p1 + middle), p1);
    q1 = Lanes.select(calm, Lanes.clip(q1 - middle), q1);
    p2 = Lanes.select(calm, Lanes.clip(p2 + far), p2);
    q2 = Lanes.select(calm, Lanes.clip(q2 - far), q2);
    return true;
  }

  /**
   * Flags where the edge itself is not too high: 4 |p0 - q0| + |p1 - q1| within twice the limit.
   */
  private long flat(Strength strength) {
    long near = 4 * (p0 - q0);
    long far = p1 - q1;
    int limit = 2 * strength.limit + 1;
    return Lanes.within(near + far, limit) & Lanes.within(near - far, limit);
  }

  /** Flags where neighbours on each side differ little too. */
  private long smooth(Strength strength) {
    int interior = strength.interior;
    return flat(strength)
        & Lanes.within(p3 - p2, interior)
        & Lanes.within(p2 - p1, interior)
        & Lanes.within(p1 - p0, interior)
        & Lanes.within(q3 - q2, interior)
        & Lanes.within(q2 - q1, interior)
        & Lanes.within(q1 - q0, interior);
  }

  /** Mask of high edge variance. */
  private long varied(Strength strength) {
    long flags =
        Lanes.within(p1 - p0, strength.variance) & Lanes.within(q1 - q0, strength.variance);
    return Lanes.BYTES ^ Lanes.mask(flags);
  }

  /**
   * The step across the edge, -128 to 127, plus 128.
   *
   * @param far mask of the lanes that look at p1 and q1 too
   */
  private long step(long far) {
    long outer = Lanes.clip(p1 - q1 + 128 * ONE);
    return Lanes.clip(3 * (q0 - p0) + (outer & far) - (128 * ONE & far) + 128 * ONE);
  }

  /** Changes p0 and q0; gives what q0 loses, plus 16. */
  private long near(long step, long changed) {
    long front = eighth(step, 3);
    long behind = eighth(step, 4);
    p0 = Lanes.select(changed, Lanes.clip(p0 + front - 16 * ONE), p0);
    q0 = Lanes.select(changed, Lanes.clip(q0 - behind + 16 * ONE), q0);
    return behind;
  }

  /** An eighth of a step and a little more, at most 15, plus 16. */
  private static long eighth(long step, int more) {
    long sum = step + more * ONE;
    long over = sum >>> 8 & ONE;
    return (sum | (over << 8) - over) >>> 3 & 31 * ONE;
  }

  /** So many 128ths of a step, rounded, plus that many. */
  private static long share(int parts, long step) {
    return parts * step + 63 * ONE >>> 7 & 127 * ONE;
  }
}
