package io.github.blip2j.internal.image.webp;

/**
 * Parts of green and red were subtracted from red and blue (RFC 9649, section 3.5.2).
 *
 * @param multipliers of each block: red's of green, blue's of green, blue's of red, from the lowest
 *     byte on
 * @param bits sides of blocks are 2 to the power of this
 * @param width pixels in a row
 */
record ColorTransform(int[] multipliers, int bits, int width) implements RowTransform {
  @Override
  public void undo(int y, int[] row) {
    int block = (y >> bits) * RowTransform.blocks(width, bits);
    for (int from = 0; from < width; from += 1 << bits) {
      undo(row, from, Math.min(width, from + (1 << bits)), multipliers[block++]);
    }
  }

  private static void undo(int[] row, int from, int to, int code) {
    int greenToRed = (byte) code;
    int greenToBlue = (byte) (code >> 8);
    int redToBlue = (byte) (code >> 16);
    for (int x = from; x < to; x++) {
      int argb = row[x];
      int green = (byte) (argb >> 8);
      int red = (argb >> 16) + (greenToRed * green >> 5) & 0xff;
      int blue = argb + (greenToBlue * green >> 5) + (redToBlue * (byte) red >> 5) & 0xff;
      row[x] = argb & 0xff00ff00 | red << 16 | blue;
    }
  }
}
