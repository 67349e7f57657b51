package io.github.blip2j.internal.image.jpeg;

/** The order in which a block's coefficients are coded (T.81, figure A.6). */
final class Zigzag {
  /**
   * Where coefficient k stands in a block of eight rows. A damaged run can lead up to 16 beyond the
   * last one; like libjpeg (jutils.c, jpeg_natural_order), those stand for the last.
   */
  static final byte[] NATURAL = natural();

  private static final int LAST = 63;

  private Zigzag() {}

  /** The bit of coefficient k in a mask. */
  static long bit(int k) {
    return 1L << Math.min(k, LAST);
  }

  private static byte[] natural() {
    byte[] order = new byte[80];
    int x = 0;
    int y = 0;
    for (int k = 0; k < LAST; k++) {
      order[k] = (byte) (8 * y + x);
      boolean up = (x + y) % 2 == 0;
      if (up && x == 7 || !up && y < 7 && x == 0) {
        y++;
      } else if (up && y == 0 || !up && y == 7) {
        x++;
      } else {
        x += up ? 1 : -1;
        y += up ? -1 : 1;
      }
    }
    for (int k = LAST; k < order.length; k++) {
      order[k] = LAST;
    }
    return order;
  }
}
