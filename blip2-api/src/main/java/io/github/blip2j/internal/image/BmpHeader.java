package io.github.blip2j.internal.image;

import java.io.IOException;

/**
 * What a BMP's headers say.
 *
 * @param size bytes of the second header: 12 is OS/2's first, 40 to 124 are Windows' and OS/2's
 * @param width pixels in a row
 * @param height rows
 * @param topDown whether the first row is the topmost
 * @param bits bits of a pixel
 * @param compression 0 none, 1 and 2 runs of bytes and nibbles, 3 masks
 * @param colors entries of the palette
 * @param palette where the palette, or what else follows the header, begins
 * @param pixels where the pixels begin; 0 is right behind the palette
 */
record BmpHeader(
    int size,
    long width,
    long height,
    boolean topDown,
    int bits,
    long compression,
    long colors,
    int palette,
    long pixels) {
  static final int OS2 = 12;

  static BmpHeader read(byte[] data) throws IOException {
    if (data.length < 18) {
      throw new IOException("cut short");
    }
    long size = number(data, 14);
    boolean known =
        switch ((int) Math.min(size, 1000)) {
          case OS2, 40, 52, 56, 64, 108, 124 -> true;
          default -> false;
        };
    if (!known) {
      throw new IOException("a header of " + size + " bytes");
    }
    if (14 + size > data.length) {
      throw new IOException("cut short");
    }
    return size == OS2 ? os2(data) : windows(data, (int) size);
  }

  private static BmpHeader os2(byte[] data) {
    int bits = data[24] & 0xff | (data[25] & 0xff) << 8;
    int width = data[18] & 0xff | (data[19] & 0xff) << 8;
    int height = data[20] & 0xff | (data[21] & 0xff) << 8;
    long colors = bits > 32 ? 0 : 1L << bits;
    return new BmpHeader(
        OS2, width, height, false, bits, 0, colors, 26, pixels(data, bits, colors));
  }

  private static BmpHeader windows(byte[] data, int size) {
    boolean topDown = data[25] == (byte) 255;
    long height = number(data, 22);
    int bits = data[28] & 0xff | (data[29] & 0xff) << 8;
    long colors = number(data, 46);
    if (colors == 0) {
      colors = bits > 32 ? 0 : 1L << bits;
    }
    return new BmpHeader(
        size,
        number(data, 18),
        topDown ? (1L << 32) - height : height,
        topDown,
        bits,
        number(data, 30),
        colors,
        14 + size,
        pixels(data, bits, colors));
  }

  /** Where pixels that seem to begin at the palette begin. */
  private static long pixels(byte[] data, int bits, long colors) {
    long offset = number(data, 10);
    long size = number(data, 14);
    boolean atPalette = offset == 14 + size && bits <= 8;
    return atPalette ? offset + (size == OS2 ? 3 : 4) * colors : offset;
  }

  /** Bytes of a palette's entry. */
  int entry() {
    return size == OS2 ? 3 : 4;
  }

  /** An unsigned little-endian integer. */
  static long number(byte[] data, int at) {
    return data[at] & 0xff
        | (data[at + 1] & 0xff) << 8
        | (data[at + 2] & 0xff) << 16
        | (data[at + 3] & 0xffL) << 24;
  }
}
