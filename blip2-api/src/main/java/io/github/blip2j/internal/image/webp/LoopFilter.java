package io.github.blip2j.internal.image.webp;

/**
 * Smooths the edges between blocks (RFC 6386, section 15).
 *
 * <p>Of an edge, pixels p3 to p0 lie in front of it and q0 to q3 behind it, {@code across} apart;
 * positions along the edge are {@code along} apart.
 */
final class LoopFilter {
  private LoopFilter() {}

  /**
   * Section 15.2.
   *
   * @param at q0 of the first position
   * @param limit of the edge
   */
  static void simple(byte[] pixels, int at, int across, int along, int limit) {
    for (int i = 0, q = at; i < 16; i++, q += along) {
      int p1 = pixels[q - 2 * across] & 0xff;
      int p0 = pixels[q - across] & 0xff;
      int q0 = pixels[q] & 0xff;
      int q1 = pixels[q + across] & 0xff;
      if (4 * Math.abs(p0 - q0) + Math.abs(p1 - q1) <= 2 * limit + 1) {
        two(pixels, q, across);
      }
    }
  }

  /** How strongly an edge is filtered. */
  record Strength(int limit, int interior, int variance) {}

  /**
   * Section 15.3.
   *
   * @param at q0 of the first position
   * @param size positions
   * @param outer whether this is an edge between macroblocks
   */
  static void normal(
      byte[] pixels, int at, int across, int along, int size, Strength strength, boolean outer) {
    int limit = 2 * strength.limit + 1;
    int interior = strength.interior;
    int variance = strength.variance;
    for (int i = 0, q = at; i < size; i++, q += along) {
      int p1 = pixels[q - 2 * across] & 0xff;
      int p0 = pixels[q - across] & 0xff;
      int q0 = pixels[q] & 0xff;
      int q1 = pixels[q + across] & 0xff;
      if (4 * Math.abs(p0 - q0) + Math.abs(p1 - q1) > limit
          || !smooth(pixels, q, across, interior)) {
        continue;
      }
      if (Math.abs(p1 - p0) > variance || Math.abs(q1 - q0) > variance) {
        two(pixels, q, across);
      } else if (outer) {
        six(pixels, q, across);
      } else {
        four(pixels, q, across);
      }
    }
  }

  private static boolean smooth(byte[] pixels, int q, int across, int interior) {
    int p3 = pixels[q - 4 * across] & 0xff;
    int p2 = pixels[q - 3 * across] & 0xff;
    int p1 = pixels[q - 2 * across] & 0xff;
    int p0 = pixels[q - across] & 0xff;
    int q0 = pixels[q] & 0xff;
    int q1 = pixels[q + across] & 0xff;
    int q2 = pixels[q + 2 * across] & 0xff;
    int q3 = pixels[q + 3 * across] & 0xff;
    return Math.abs(p3 - p2) <= interior
        && Math.abs(p2 - p1) <= interior
        && Math.abs(p1 - p0) <= interior
        && Math.abs(q3 - q2) <= interior
        && Math.abs(q2 - q1) <= interior
        && Math.abs(q1 - q0) <= interior;
  }

  /** Changes p0 and q0, and looks at p1 and q1. */
  private static void two(byte[] pixels, int q, int across) {
    int p1 = pixels[q - 2 * across] & 0xff;
    int p0 = pixels[q - across] & 0xff;
    int q0 = pixels[q] & 0xff;
    int q1 = pixels[q + across] & 0xff;
    int step = signed(3 * (q0 - p0) + signed(p1 - q1));
    pixels[q - across] = unsigned(p0 + (Math.min(127, step + 3) >> 3));
    pixels[q] = unsigned(q0 - (Math.min(127, step + 4) >> 3));
  }

  /** Changes p1 to q1. */
  private static void four(byte[] pixels, int q, int across) {
    int p1 = pixels[q - 2 * across] & 0xff;
    int p0 = pixels[q - across] & 0xff;
    int q0 = pixels[q] & 0xff;
    int q1 = pixels[q + across] & 0xff;
    int step = signed(3 * (q0 - p0));
    int behind = Math.min(127, step + 4) >> 3;
    int outer = behind + 1 >> 1;
    pixels[q - 2 * across] = unsigned(p1 + outer);
    pixels[q - across] = unsigned(p0 + (Math.min(127, step + 3) >> 3));
    pixels[q] = unsigned(q0 - behind);
    pixels[q + across] = unsigned(q1 - outer);
  }

  /** Changes p2 to q2. */
  private static void six(byte[] pixels, int q, int across) {
    int p2 = pixels[q - 3 * across] & 0xff;
    int p1 = pixels[q - 2 * across] & 0xff;
    int p0 = pixels[q - across] & 0xff;
    int q0 = pixels[q] & 0xff;
    int q1 = pixels[q + across] & 0xff;
    int q2 = pixels[q + 2 * across] & 0xff;
    int step = signed(3 * (q0 - p0) + signed(p1 - q1));
    int near = 27 * step + 63 >> 7;
    int middle = 18 * step + 63 >> 7;
    int far = 9 * step + 63 >> 7;
    pixels[q - 3 * across] = unsigned(p2 + far);
    pixels[q - 2 * across] = unsigned(p1 + middle);
    pixels[q - across] = unsigned(p0 + near);
    pixels[q] = unsigned(q0 - near);
    pixels[q + across] = unsigned(q1 - middle);
    pixels[q + 2 * across] = unsigned(q2 - far);
  }

  private static int signed(int value) {
    return Math.max(-128, Math.min(127, value));
  }

  private static byte unsigned(int value) {
    return (byte) Math.max(0, Math.min(255, value));
  }
}
