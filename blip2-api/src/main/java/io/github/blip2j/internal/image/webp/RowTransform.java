package io.github.blip2j.internal.image.webp;

/** A change that the encoder made to pixels, undone row by row (RFC 9649, section 3.5). */
interface RowTransform {
  /**
   * Undoes the change. Rows come in order, each once.
   *
   * @param row pixels as 0xAARRGGBB, from the beginning; changed in place
   */
  void undo(int y, int[] row);

  /** Blocks that cover a number of pixels. */
  static int blocks(int pixels, int bits) {
    return pixels + (1 << bits) - 1 >> bits;
  }

  /** Adds each of two pixels' four channels, modulo 256. */
  static int add(int a, int b) {
    int alphaAndGreen = (a & 0xff00ff00) + (b & 0xff00ff00);
    int redAndBlue = (a & 0x00ff00ff) + (b & 0x00ff00ff);
    return alphaAndGreen & 0xff00ff00 | redAndBlue & 0x00ff00ff;
  }

  /** Section 3.5.3: green was subtracted from red and blue. */
  static RowTransform addGreen(int width) {
    return (y, row) -> {
      for (int x = 0; x < width; x++) {
        int green = row[x] >> 8 & 0xff;
        row[x] = add(row[x], green << 16 | green);
      }
    };
  }
}
