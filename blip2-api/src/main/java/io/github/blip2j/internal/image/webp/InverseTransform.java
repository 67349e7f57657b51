package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/** The inverse transforms (RFC 6386, section 14), which add to what was predicted. */
final class InverseTransform {
  private static final int STRIDE = WorkBlock.STRIDE;

  private InverseTransform() {}

  /** Section 14.3: one coefficient for each of the sixteen luma blocks. */
  static void second(short[] in, short[] out) {
    int[] rows = new int[16];
    for (int i = 0; i < 4; i++) {
      int a0 = in[i] + in[12 + i];
      int a1 = in[4 + i] + in[8 + i];
      int a2 = in[4 + i] - in[8 + i];
      int a3 = in[i] - in[12 + i];
      rows[i] = a0 + a1;
      rows[4 + i] = a3 + a2;
      rows[8 + i] = a0 - a1;
      rows[12 + i] = a3 - a2;
    }
    for (int i = 0; i < 4; i++) {
      int first = rows[4 * i] + 3;
      int a0 = first + rows[4 * i + 3];
      int a1 = rows[4 * i + 1] + rows[4 * i + 2];
      int a2 = rows[4 * i + 1] - rows[4 * i + 2];
      int a3 = first - rows[4 * i + 3];
      out[64 * i] = (short) (a0 + a1 >> 3);
      out[64 * i + 16] = (short) (a3 + a2 >> 3);
      out[64 * i + 32] = (short) (a0 - a1 >> 3);
      out[64 * i + 48] = (short) (a3 - a2 >> 3);
    }
  }

  /** Section 14.4, for a block that has no coefficient but the first. */
  static void addFirst(int first, byte[] pixels, int at) {
    long change = (first + 4 >> 3) * Lanes.ONE;
    addToTwo(change, pixels, at);
    addToTwo(change, pixels, at + 2 * STRIDE);
  }

  /** Adds to two rows at once. */
  private static void addToTwo(long change, byte[] pixels, int at) {
    long both = Lanes.loadFour(pixels, at) | Lanes.loadFour(pixels, at + STRIDE) << 32;
    long even = Lanes.clip((both & Lanes.BYTES) + change);
    long odd = Lanes.clip((both >>> 8 & Lanes.BYTES) + change);
    long sum = even | odd << 8;
    Lanes.storeFour(pixels, at, (int) sum);
    Lanes.storeFour(pixels, at + STRIDE, (int) (sum >>> 32));
  }

  /** Section 14.4, for a block that has only the first three coefficients in zigzag order. */
  static void addThree(short[] in, int from, byte[] pixels, int at) {
    int first = in[from] + 4;
    int nearX = cosine(in[from + 1]);
    int farX = sine(in[from + 1]);
    int nearY = cosine(in[from + 4]);
    int farY = sine(in[from + 4]);
    three(pixels, at, first + nearY, nearX, farX);
    three(pixels, at + STRIDE, first + farY, nearX, farX);
    three(pixels, at + 2 * STRIDE, first - farY, nearX, farX);
    three(pixels, at + 3 * STRIDE, first - nearY, nearX, farX);
  }

  private static void three(byte[] pixels, int at, int y, int nearX, int farX) {
    add(pixels, at, y + nearX, y + farX, y - farX, y - nearX);
  }

  /** Section 14.4, for sixteen coefficients. */
  static void add(short[] in, int from, byte[] pixels, int at) {
    int a0 = in[from] + in[from + 8];
    int b0 = in[from] - in[from + 8];
    int c0 = sine(in[from + 4]) - cosine(in[from + 12]);
    int d0 = cosine(in[from + 4]) + sine(in[from + 12]);
    int a1 = in[from + 1] + in[from + 9];
    int b1 = in[from + 1] - in[from + 9];
    int c1 = sine(in[from + 5]) - cosine(in[from + 13]);
    int d1 = cosine(in[from + 5]) + sine(in[from + 13]);
    int a2 = in[from + 2] + in[from + 10];
    int b2 = in[from + 2] - in[from + 10];
    int c2 = sine(in[from + 6]) - cosine(in[from + 14]);
    int d2 = cosine(in[from + 6]) + sine(in[from + 14]);
    int a3 = in[from + 3] + in[from + 11];
    int b3 = in[from + 3] - in[from + 11];
    int c3 = sine(in[from + 7]) - cosine(in[from + 15]);
    int d3 = cosine(in[from + 7]) + sine(in[from + 15]);
    row(pixels, at, a0 + d0, a1 + d1, a2 + d2, a3 + d3);
    row(pixels, at + STRIDE, b0 + c0, b1 + c1, b2 + c2, b3 + c3);
    row(pixels, at + 2 * STRIDE, b0 - c0, b1 - c1, b2 - c2, b3 - c3);
    row(pixels, at + 3 * STRIDE, a0 - d0, a1 - d1, a2 - d2, a3 - d3);
  }

  private static void row(byte[] pixels, int at, int in0, int in1, int in2, int in3) {
    int a = in0 + 4 + in2;
    int b = in0 + 4 - in2;
    int c = sine(in1) - cosine(in3);
    int d = cosine(in1) + sine(in3);
    add(pixels, at, a + d, b + c, b - c, a - d);
  }

  /** The cosine of pi/8 times the square root of two. */
  private static int cosine(int value) {
    return (value * 20091 >> 16) + value;
  }

  /** The sine of pi/8 times the square root of two. */
  private static int sine(int value) {
    return value * 35468 >> 16;
  }

  /** Adds an eighth of each to four pixels. */
  private static void add(byte[] pixels, int at, int first, int second, int third, int fourth) {
    int four = (int) Lanes.loadFour(pixels, at);
    int a = (four & 0xff) + (first >> 3);
    int b = (four >>> 8 & 0xff) + (second >> 3);
    int c = (four >>> 16 & 0xff) + (third >> 3);
    int d = (four >>> 24) + (fourth >> 3);
    boolean inside = (a | b | c | d) >>> 8 == 0; // as most are
    int sums =
        inside
            ? a | b << 8 | c << 16 | d << 24
            : clip(a) | clip(b) << 8 | clip(c) << 16 | clip(d) << 24;
    Lanes.storeFour(pixels, at, sums);
  }

  private static int clip(int level) {
    return Math.max(0, Math.min(255, level));
  }
}
