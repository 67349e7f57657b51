package io.github.blip2j.internal.image.tiff;

/**
 * A strip's or tile's compressed bytes.
 *
 * @param data the file
 * @param from index of the first
 * @param length how many; all lie in the file
 * @param reversed whether each byte begins with its lowest bit
 */
record Block(byte[] data, int from, int length, boolean reversed) {
  /** One byte, its first bit highest. */
  int at(int index) {
    int value = data[from + index] & 0xff;
    return reversed ? Integer.reverse(value) >>> 24 : value;
  }
}
