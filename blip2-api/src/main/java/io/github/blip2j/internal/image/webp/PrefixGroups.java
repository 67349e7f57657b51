package io.github.blip2j.internal.image.webp;

import java.io.IOException;

/**
 * The prefix codes of an image (RFC 9649, section 3.7.2.2), and which of them each of its square
 * blocks uses.
 *
 * @param groups the codes, those that no block uses left out
 * @param blocks a group's index for each block, row by row
 * @param bits sides of blocks are 2 to the power of this
 * @param columns blocks in a row
 */
record PrefixGroups(Group[] groups, char[] blocks, int bits, int columns) {
  /** Green or the length of a copy or a place in the cache; red; blue; alpha; distance. */
  record Group(
      PrefixCode green, PrefixCode red, PrefixCode blue, PrefixCode alpha, PrefixCode distance) {
    int size() {
      return green.size() + red.size() + blue.size() + alpha.size() + distance.size();
    }
  }

  static final int LITERALS = 256;
  static final int LENGTHS = 24;
  private static final int DISTANCES = 40;

  /** Bits of a block's side that make the whole image one block. */
  private static final int WHOLE = 14;

  /**
   * libwebp's encoder writes at most 2600 groups, whose tables are smaller than this many bytes
   * together. The format allows 65536 groups, for which a short file could ask for gigabytes.
   */
  private static final int MAX_SIZE = 64 << 20;

  /** Codes that are the same for the whole of an image. */
  static PrefixGroups single(BitReader in, int cacheSize) throws IOException {
    return new PrefixGroups(groups(in, cacheSize, new boolean[] {true}), new char[1], WHOLE, 1);
  }

  /**
   * Codes that depend on the block.
   *
   * @param image red and green of a pixel are a block's group
   */
  static PrefixGroups of(BitReader in, int cacheSize, int[] image, int bits, int columns)
      throws IOException {
    int count = 1;
    for (int pixel : image) {
      count = Math.max(count, 1 + (pixel >> 8 & 0xffff));
    }
    boolean[] used = new boolean[count];
    for (int pixel : image) {
      used[pixel >> 8 & 0xffff] = true;
    }
    char[] places = new char[count];
    int place = 0;
    for (int i = 0; i < count; i++) {
      places[i] = (char) place;
      place += used[i] ? 1 : 0;
    }
    char[] blocks = new char[image.length];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = places[image[i] >> 8 & 0xffff];
    }
    return new PrefixGroups(groups(in, cacheSize, used), blocks, bits, columns);
  }

  private static Group[] groups(BitReader in, int cacheSize, boolean[] used) throws IOException {
    int greens = LITERALS + LENGTHS + cacheSize;
    PrefixCodeReader codes = new PrefixCodeReader(in, greens);
    int count = 0;
    for (boolean one : used) {
      count += one ? 1 : 0;
    }
    Group[] groups = new Group[count];
    int size = 0;
    int at = 0;
    for (boolean kept : used) {
      Group group =
          new Group(
              codes.read(greens),
              codes.read(LITERALS),
              codes.read(LITERALS),
              codes.read(LITERALS),
              codes.read(DISTANCES));
      if (kept) {
        groups[at++] = group;
        size += group.size();
      }
      if (size > MAX_SIZE) {
        throw new IOException(
            "VP8L: expected prefix codes of at most " + MAX_SIZE + " bytes, found more");
      }
    }
    return groups;
  }

  /** The codes of a pixel. */
  Group at(int x, int y) {
    return groups[blocks[(y >> bits) * columns + (x >> bits)]];
  }

  /** Pixels from this column to the end of its block. */
  int left(int x) {
    return (1 << bits) - (x & (1 << bits) - 1);
  }
}
