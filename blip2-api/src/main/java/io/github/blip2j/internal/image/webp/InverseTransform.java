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
    for (int i = 0, p = at; i < 4; i++, p += STRIDE) {
      int y = first + (i == 0 ? nearY : i == 1 ? farY : i == 2 ? -farY : -nearY);
      add(pixels, p, y + nearX >> 3);
      add(pixels, p + 1, y + farX >> 3);
      add(pixels, p + 2, y - farX >> 3);
      add(pixels, p + 3, y - nearX >> 3);
    }
  }

  /** Section 14.4, for sixteen coefficients. */
  static void add(short[] in, int from, byte[] pixels, int at) {
    int[] columns = new int[16];
    for (int i = 0; i < 4; i++) {
      int in0 = in[from + i];
      int in4 = in[from + 4 + i];
      int in8 = in[from + 8 + i];
      int in12 = in[from + 12 + i];
      int a = in0 + in8;
      int b = in0 - in8;
      int c = sine(in4) - cosine(in12);
      int d = cosine(in4) + sine(in12);
      columns[4 * i] = a + d;
      columns[4 * i + 1] = b + c;
      columns[4 * i + 2] = b - c;
      columns[4 * i + 3] = a - d;
    }
    for (int i = 0, p = at; i < 4; i++, p += STRIDE) {
      int first = columns[i] + 4;
      int a = first + columns[8 + i];
      int b = first - columns[8 + i];
      int c = sine(columns[4 + i]) - cosine(columns[12 + i]);
      int d = cosine(columns[4 + i]) + sine(columns[12 + i]);
      add(pixels, p, a + d >> 3);
      add(pixels, p + 1, b + c >> 3);
      add(pixels, p + 2, b - c >> 3);
      add(pixels, p + 3, a - d >> 3);
    }
  }

  /** The cosine of pi/8 times the square root of two. */
  private static int cosine(int value) {
    return (value * 20091 >> 16) + value;
  }

  /** The sine of pi/8 times the square root of two. */
  private static int sine(int value) {
    return value * 35468 >> 16;
  }

  private static void add(byte[] pixels, int at, int change) {
    pixels[at] = (byte) Math.max(0, Math.min(255, (pixels[at] & 0xff) + change));
  }
}
