package io.github.blip2j.internal.image.webp;

/**
 * Settings for groups of macroblocks (RFC 6386, section 9.3).
 *
 * @param used whether there are any
 * @param mapped whether each macroblock says which segment it belongs to; else it is the first
 * @param absolute whether the settings replace the frame's, or are added to them
 * @param quantizers an index for each segment
 * @param filterLevels a level for each segment
 * @param probabilities of the tree that tells a macroblock's segment
 */
record Segments(
    boolean used,
    boolean mapped,
    boolean absolute,
    int[] quantizers,
    int[] filterLevels,
    int[] probabilities) {
  static final int COUNT = 4;

  /** Reads them. */
  static Segments read(BoolDecoder in) {
    boolean used = in.flag();
    boolean mapped = used && in.flag();
    boolean absolute = true;
    int[] quantizers = new int[COUNT];
    int[] filterLevels = new int[COUNT];
    if (used && in.flag()) {
      absolute = in.flag();
      for (int i = 0; i < COUNT; i++) {
        quantizers[i] = in.optional(7);
      }
      for (int i = 0; i < COUNT; i++) {
        filterLevels[i] = in.optional(6);
      }
    }
    int[] probabilities = new int[COUNT - 1];
    for (int i = 0; mapped && i < probabilities.length; i++) {
      probabilities[i] = in.flag() ? in.number(8) : 255;
    }
    return new Segments(used, mapped, absolute, quantizers, filterLevels, probabilities);
  }

  /** A segment's quantizer index, which may lie outside 0 to 127. */
  int quantizer(int segment, int frame) {
    return setting(quantizers[segment], frame);
  }

  /** A segment's filter level, which may lie outside 0 to 63. */
  int filterLevel(int segment, int frame) {
    return setting(filterLevels[segment], frame);
  }

  private int setting(int own, int frame) {
    if (!used) {
      return frame;
    }
    return absolute ? own : frame + own;
  }
}
