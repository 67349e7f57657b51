package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * Predicts 4x4 luma pixels (RFC 6386, section 12.3) from the thirteen around them: L K J I to the
 * left from below, the corner P, and A to H above and to the right.
 *
 * <pre>
 *   P A B C D E F G H
 *   I . . . .
 *   J . . . .
 *   K . . . .
 *   L . . . .
 * </pre>
 *
 * <p>Taken in the order L K J I P A to H, all slanted modes are means of two or three neighbours:
 * eight of them at once, a byte each in a long. Without loops, which the compiler would spend more
 * time on than many an image takes.
 */
final class SubblockPrediction {
  static final int DC = 0;
  static final int TRUE_MOTION = 1;
  static final int VERTICAL = 2;
  static final int HORIZONTAL = 3;
  static final int DOWN_RIGHT = 4;
  static final int VERTICAL_RIGHT = 5;
  static final int DOWN_LEFT = 6;
  static final int VERTICAL_LEFT = 7;
  static final int HORIZONTAL_DOWN = 8;
  static final int HORIZONTAL_UP = 9;
  static final int MODES = 10;

  private static final int STRIDE = WorkBlock.STRIDE;
  private static final int ALL = 0x01010101; // times a byte, that byte in each of four pixels
  private static final long HALVES = 0x7f7f_7f7f_7f7f_7f7fL; // what a byte shifted by one keeps

  /**
   * In the order of the constants above. Not a switch, since all modes would be compiled into each
   * method that predicts, and again whenever an image has a mode that was not there before.
   */
  private static final Mode[] BY_MODE = {
    SubblockPrediction::mean,
    SubblockPrediction::trueMotion,
    SubblockPrediction::vertical,
    SubblockPrediction::horizontal,
    SubblockPrediction::downRight,
    SubblockPrediction::verticalRight,
    SubblockPrediction::downLeft,
    SubblockPrediction::verticalLeft,
    SubblockPrediction::horizontalDown,
    SubblockPrediction::horizontalUp
  };

  /** Predicts a subblock in one way. */
  private interface Mode {
    void predict(byte[] pixels, int at);
  }

  private SubblockPrediction() {}

  /** Predicts one subblock. */
  static void predict(byte[] pixels, int at, int mode) {
    BY_MODE[mode].predict(pixels, at);
  }

  private static void mean(byte[] pixels, int at) {
    long eight = Lanes.loadFour(pixels, at - STRIDE) | left(pixels, at) << 32;
    long pairs = (eight & Lanes.BYTES) + (eight >>> 8 & Lanes.BYTES);
    int sum = (int) (pairs * Lanes.ONE >>> 48);
    int value = (sum + 4 >> 3) * ALL;
    set(pixels, at, value, value, value, value);
  }

  private static void trueMotion(byte[] pixels, int at) {
    long above = spread(Lanes.loadFour(pixels, at - STRIDE));
    long withoutCorner = above - (pixels[at - STRIDE - 1] & 0xff) * Lanes.ONE;
    set(
        pixels,
        at,
        clipped(withoutCorner + (pixels[at - 1] & 0xff) * Lanes.ONE),
        clipped(withoutCorner + (pixels[at + STRIDE - 1] & 0xff) * Lanes.ONE),
        clipped(withoutCorner + (pixels[at + 2 * STRIDE - 1] & 0xff) * Lanes.ONE),
        clipped(withoutCorner + (pixels[at + 3 * STRIDE - 1] & 0xff) * Lanes.ONE));
  }

  private static void vertical(byte[] pixels, int at) {
    long above = Lanes.load(pixels, at - STRIDE);
    int row = (int) three(Lanes.load(pixels, at - STRIDE - 1), above, above >>> 8);
    set(pixels, at, row, row, row, row);
  }

  private static void horizontal(byte[] pixels, int at) {
    long left = left(pixels, at);
    long edge = pixels[at - STRIDE - 1] & 0xff | left << 8 | (left >>> 24) << 40; // P I J K L L
    long means = three(edge, edge >>> 8, edge >>> 16);
    set(
        pixels,
        at,
        (int) (means & 0xff) * ALL,
        (int) (means >>> 8 & 0xff) * ALL,
        (int) (means >>> 16 & 0xff) * ALL,
        (int) (means >>> 24 & 0xff) * ALL);
  }

  private static void downRight(byte[] pixels, int at) {
    long means = cornerMeans(pixels, at, Lanes.load(pixels, at - STRIDE - 1));
    set(pixels, at, (int) (means >>> 24), (int) (means >>> 16), (int) (means >>> 8), (int) means);
  }

  private static void verticalRight(byte[] pixels, int at) {
    long corner = Lanes.load(pixels, at - STRIDE - 1);
    int even = (int) two(corner, corner >>> 8);
    long means = cornerMeans(pixels, at, corner);
    int odd = (int) (means >>> 24);
    int third = even << 8 | (int) (means >>> 16 & 0xff);
    int fourth = odd << 8 | (int) (means >>> 8 & 0xff);
    set(pixels, at, even, odd, third, fourth);
  }

  private static void downLeft(byte[] pixels, int at) {
    long above = Lanes.load(pixels, at - STRIDE);
    long means = three(above, above >>> 8, above >>> 16 | above >>> 56 << 48); // ABC to GHH
    set(pixels, at, (int) means, (int) (means >>> 8), (int) (means >>> 16), (int) (means >>> 24));
  }

  private static void verticalLeft(byte[] pixels, int at) {
    long above = Lanes.load(pixels, at - STRIDE);
    long even = two(above, above >>> 8);
    long odd = three(above, above >>> 8, above >>> 16);
    // The last two break the pattern (section 12.3).
    int third = (int) (even >>> 8) & 0xffffff | (int) (odd >>> 32) << 24;
    int fourth = (int) (odd >>> 8) & 0xffffff | (int) (odd >>> 40) << 24;
    set(pixels, at, (int) even, (int) odd, third, fourth);
  }

  private static void horizontalDown(byte[] pixels, int at) {
    long corner = Lanes.load(pixels, at - STRIDE - 1);
    long left = upwards(pixels, at);
    long odd = cornerMeans(pixels, at, corner);
    long even = two(left | corner << 32, left >>> 8 | corner << 24);
    long both = spread(even) | spread(odd) << 8; // LK LKJ KJ KJI JI JIP IP IPA
    int first = (int) (both >>> 48) | (int) (odd >>> 32) << 16;
    set(pixels, at, first, (int) (both >>> 32), (int) (both >>> 16), (int) both);
  }

  private static void horizontalUp(byte[] pixels, int at) {
    long left = left(pixels, at);
    int last = (int) (left >>> 24) * ALL;
    long edge = left | (long) last << 32; // I J K L L L L L
    long even = two(edge, edge >>> 8);
    long odd = three(edge, edge >>> 8, edge >>> 16);
    long both = spread(even) | spread(odd) << 8; // IJ IJK JK JKL KL KLL LL LLL
    set(pixels, at, (int) both, (int) (both >>> 16), (int) (both >>> 32), last);
  }

  /**
   * LKJ KJI JIP IPA PAB ABC BCD, the first lowest.
   *
   * @param corner P A B C D E F G
   */
  private static long cornerMeans(byte[] pixels, int at, long corner) {
    long left = upwards(pixels, at);
    return three(left | corner << 32, left >>> 8 | corner << 24, left >>> 16 | corner << 16);
  }

  /** I J K L, the first lowest. */
  private static long left(byte[] pixels, int at) {
    return pixels[at - 1] & 0xff
        | (pixels[at + STRIDE - 1] & 0xff) << 8
        | (pixels[at + 2 * STRIDE - 1] & 0xff) << 16
        | (pixels[at + 3 * STRIDE - 1] & 0xffL) << 24;
  }

  /** L K J I, the first lowest. */
  private static long upwards(byte[] pixels, int at) {
    return pixels[at + 3 * STRIDE - 1] & 0xff
        | (pixels[at + 2 * STRIDE - 1] & 0xff) << 8
        | (pixels[at + STRIDE - 1] & 0xff) << 16
        | (pixels[at - 1] & 0xffL) << 24;
  }

  /** Means of two in each byte, rounded up. */
  private static long two(long a, long b) {
    return (a | b) - ((a ^ b) >>> 1 & HALVES);
  }

  /** Means of three in each byte, b counting twice, rounded: b's with a's and c's rounded down. */
  private static long three(long a, long b, long c) {
    return two((a & c) + ((a ^ c) >>> 1 & HALVES), b);
  }

  /** Four bytes, each in a lane of its own; more bytes are dropped. */
  private static long spread(long four) {
    long pairs = four & 0xffff | (four & 0xffff_0000L) << 16;
    return (pairs | pairs << 8) & Lanes.BYTES;
  }

  /** Four lanes, each clipped to a byte. */
  private static int clipped(long lanes) {
    long four = Lanes.clip(lanes);
    long pairs = (four | four >>> 8) & 0x0000_ffff_0000_ffffL;
    return (int) (pairs | pairs >>> 16);
  }

  private static void set(byte[] pixels, int at, int first, int second, int third, int fourth) {
    Lanes.storeFour(pixels, at, first);
    Lanes.storeFour(pixels, at + STRIDE, second);
    Lanes.storeFour(pixels, at + 2 * STRIDE, third);
    Lanes.storeFour(pixels, at + 3 * STRIDE, fourth);
  }
}
