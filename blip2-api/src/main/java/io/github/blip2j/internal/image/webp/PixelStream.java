package io.github.blip2j.internal.image.webp;

import java.io.IOException;

/**
 * Decodes the pixels of an image: literals, copies of what was decoded before, and colours from a
 * cache (RFC 9649, section 3.6). Copies reach back at most 2²⁰ pixels, so no more are kept; each
 * row is handed on when it is complete. For one image, used once.
 */
final class PixelStream {
  /** What becomes of a row. */
  @FunctionalInterface
  interface Rows {
    /**
     * Takes a row.
     *
     * @param ring holds the row's pixels, 0xAARRGGBB, at (start + x) modulo its length, which is a
     *     power of two
     */
    void accept(int y, int[] ring, int start);
  }

  private static final int WINDOW_BITS = 20;
  private static final int HASH = 0x1e35a7bd;

  /** Section 3.6.2.2: 16 times the rows up, plus 8, minus the columns to the left. */
  private static final int[] NEAR = {
    0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1a, 0x26, 0x2a,
    0x38, 0x05, 0x37, 0x39, 0x15, 0x1b, 0x36, 0x3a, 0x25, 0x2b, 0x48, 0x04,
    0x47, 0x49, 0x14, 0x1c, 0x35, 0x3b, 0x46, 0x4a, 0x24, 0x2c, 0x58, 0x45,
    0x4b, 0x34, 0x3c, 0x03, 0x57, 0x59, 0x13, 0x1d, 0x56, 0x5a, 0x23, 0x2d,
    0x44, 0x4c, 0x55, 0x5b, 0x33, 0x3d, 0x68, 0x02, 0x67, 0x69, 0x12, 0x1e,
    0x66, 0x6a, 0x22, 0x2e, 0x54, 0x5c, 0x43, 0x4d, 0x65, 0x6b, 0x32, 0x3e,
    0x78, 0x01, 0x77, 0x79, 0x53, 0x5d, 0x11, 0x1f, 0x64, 0x6c, 0x42, 0x4e,
    0x76, 0x7a, 0x21, 0x2f, 0x75, 0x7b, 0x31, 0x3f, 0x63, 0x6d, 0x52, 0x5e,
    0x00, 0x74, 0x7c, 0x41, 0x4f, 0x10, 0x20, 0x62, 0x6e, 0x30, 0x73, 0x7d,
    0x51, 0x5f, 0x40, 0x72, 0x7e, 0x61, 0x6f, 0x50, 0x71, 0x7f, 0x60, 0x70
  };

  private final BitReader in;
  private final int width;
  private final int pixels;
  private final PrefixGroups groups;
  private final Rows rows;
  private final int[] cache; // colours by their hash; empty where none is used
  private final int cacheShift;
  private final int[] ring;
  private final int mask;
  private int decoded; // pixels
  private int complete; // rows

  PixelStream(BitReader in, int width, int height, PrefixGroups groups, int cacheBits, Rows rows) {
    this.in = in;
    this.width = width;
    this.groups = groups;
    this.rows = rows;
    pixels = width * height;
    cache = new int[cacheBits == 0 ? 0 : 1 << cacheBits];
    cacheShift = 32 - cacheBits;
    int bits = 32 - Integer.numberOfLeadingZeros(pixels - 1);
    ring = new int[1 << Math.min(WINDOW_BITS, bits)];
    mask = ring.length - 1;
  }

  /** Decodes all pixels. */
  void decode() throws IOException {
    int x = 0;
    while (decoded < pixels) {
      PrefixGroups.Group group = groups.at(x, complete);
      x = decodeRun(group, x, Math.min(width, x + groups.left(x)));
      while (x >= width) {
        in.check();
        rows.accept(complete, ring, complete * width);
        complete++;
        x -= width;
      }
    }
  }

  /**
   * Decodes pixels that share their codes, up to the end of the block or of the first copy.
   *
   * @return the column reached, which may lie in a later row
   */
  private int decodeRun(PrefixGroups.Group group, int from, int to) throws IOException {
    for (int x = from; x < to; x++) {
      long bits = in.peek();
      int found = group.green().find(bits);
      int length = found & 15;
      int code = found >>> 4;
      if (code < PrefixGroups.LITERALS) {
        add(literal(group, code, bits, length));
      } else if (code < PrefixGroups.LITERALS + PrefixGroups.LENGTHS) {
        in.skip(length);
        return x + copy(group, code - PrefixGroups.LITERALS);
      } else {
        in.skip(length);
        add(cache[code - PrefixGroups.LITERALS - PrefixGroups.LENGTHS]);
      }
    }
    return to;
  }

  /** Three symbols have at most 45 bits, four may have more than can be seen at once. */
  private int literal(PrefixGroups.Group group, int green, long seen, int greenLength) {
    int length = greenLength;
    int red = group.red().find(seen >>> length);
    length += red & 15;
    int blue = group.blue().find(seen >>> length);
    length += blue & 15;
    in.skip(length);
    int alpha = group.alpha().single() ? group.alpha().find(0) >>> 4 : group.alpha().read(in);
    return alpha << 24 | red >>> 4 << 16 | green << 8 | blue >>> 4;
  }

  private void add(int argb) {
    ring[decoded++ & mask] = argb;
    if (cache.length > 0) {
      cache[argb * HASH >>> cacheShift] = argb;
    }
  }

  private int copy(PrefixGroups.Group group, int lengthCode) throws IOException {
    int length = extended(lengthCode);
    int distance = distance(extended(group.distance().read(in)));
    if (distance > decoded || length > pixels - decoded) {
      throw new IOException(
          "VP8L: expected a copy inside the image, found one of "
              + (length + " pixels, " + distance + " back, behind pixel " + decoded));
    }
    for (int i = 0; i < length; i++) {
      add(ring[decoded - distance & mask]);
    }
    return length;
  }

  /** Section 3.6.2.1: a code for small numbers, a range and its extra bits for others. */
  private int extended(int code) {
    if (code < 4) {
      return code + 1;
    }
    int bits = code - 2 >> 1;
    return (2 + (code & 1) << bits) + in.read(bits) + 1;
  }

  private int distance(int code) {
    if (code > NEAR.length) {
      return code - NEAR.length;
    }
    int place = NEAR[code - 1];
    return Math.max(1, (place >> 4) * width + 8 - (place & 15));
  }
}
