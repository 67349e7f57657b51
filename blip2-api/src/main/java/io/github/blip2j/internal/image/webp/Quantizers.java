package io.github.blip2j.internal.image.webp;

/**
 * Factors of coefficients (RFC 6386, sections 9.6 and 14.1).
 *
 * @param factors for each segment six: first and other coefficients of luma, of luma's second
 *     transform, and of chroma
 */
record Quantizers(int[][] factors) {
  static final int LUMA = 0;
  static final int SECOND = 2;
  static final int CHROMA = 4;

  private static final int[] FIRST_STEPS = {
    4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 17, 17,
    18, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 25, 25, 26, 27, 28,
    29, 30, 31, 32, 33, 34, 35, 36, 37, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
    59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74,
    75, 76, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
    91, 93, 95, 96, 98, 100, 101, 102, 104, 106, 108, 110, 112, 114, 116, 118,
    122, 124, 126, 128, 130, 132, 134, 136, 138, 140, 143, 145, 148, 151, 154, 157
  };

  private static final int[] OTHER_STEPS = {
    4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
    36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
    52, 53, 54, 55, 56, 57, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76,
    78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102, 104, 106, 108,
    110, 112, 114, 116, 119, 122, 125, 128, 131, 134, 137, 140, 143, 146, 149, 152,
    155, 158, 161, 164, 167, 170, 173, 177, 181, 185, 189, 193, 197, 201, 205, 209,
    213, 217, 221, 225, 229, 234, 239, 245, 249, 254, 259, 264, 269, 274, 279, 284
  };

  /** Reads the frame's indexes and works out each segment's factors. */
  static Quantizers read(BoolDecoder in, Segments segments) {
    int base = in.number(7);
    int lumaFirst = in.optional(4);
    int secondFirst = in.optional(4);
    int secondOther = in.optional(4);
    int chromaFirst = in.optional(4);
    int chromaOther = in.optional(4);
    int[][] factors = new int[Segments.COUNT][];
    for (int i = 0; i < factors.length; i++) {
      int index = segments.quantizer(i, base);
      factors[i] =
          new int[] {
            step(FIRST_STEPS, index + lumaFirst, 127),
            step(OTHER_STEPS, index, 127),
            2 * step(FIRST_STEPS, index + secondFirst, 127),
            Math.max(8, step(OTHER_STEPS, index + secondOther, 127) * 155 / 100),
            step(FIRST_STEPS, index + chromaFirst, 117),
            step(OTHER_STEPS, index + chromaOther, 127)
          };
    }
    return new Quantizers(factors);
  }

  private static int step(int[] steps, int index, int last) {
    return steps[Math.max(0, Math.min(last, index))];
  }
}
