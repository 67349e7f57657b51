package io.github.blip2j.internal.image.webp;

/**
 * Pixels are indexes, in green, of a palette; up to eight of them were put into one pixel (RFC
 * 9649, section 3.5.4).
 *
 * @param colors the palette, with transparent black for indexes beyond it
 * @param bits 2 to the power of this many indexes are in one pixel
 * @param width indexes in a row
 */
record PaletteTransform(int[] colors, int bits, int width) implements RowTransform {
  /** Bits for a palette of this many colours. */
  static int bits(int colors) {
    return colors > 16 ? 0 : colors > 4 ? 1 : colors > 2 ? 2 : 3;
  }

  /**
   * Reads a palette.
   *
   * @param differences of each colour to the one before it
   */
  static PaletteTransform of(int[] differences, int width) {
    int bits = bits(differences.length);
    int[] colors = new int[1 << (8 >> bits)];
    int color = 0;
    for (int i = 0; i < differences.length; i++) {
      color = RowTransform.add(color, differences[i]);
      colors[i] = color;
    }
    return new PaletteTransform(colors, bits, width);
  }

  @Override
  public void undo(int y, int[] row) {
    int size = 8 >> bits; // bits of an index
    int last = (1 << bits) - 1;
    for (int x = width - 1; x >= 0; x--) { // from the end, since it grows in place
      int packed = row[x >> bits] >> 8 & 0xff;
      row[x] = colors[packed >> (x & last) * size & colors.length - 1];
    }
  }
}
