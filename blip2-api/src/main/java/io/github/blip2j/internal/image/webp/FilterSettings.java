package io.github.blip2j.internal.image.webp;

/**
 * The loop filter's limits (RFC 6386, sections 9.6 and 15), each for (segment, whether the
 * macroblock is predicted in subblocks), at index {@code 2 * segment + (subblocks ? 1 : 0)}.
 *
 * @param kind no filter at all, the simple one, or the normal one
 * @param levels 0 to 63; nothing is filtered at 0
 * @param interiors interior limits
 * @param variances thresholds of high edge variance
 */
record FilterSettings(Kind kind, int[] levels, int[] interiors, int[] variances) {
  /** Which filter a frame asks for. */
  enum Kind {
    NONE,
    SIMPLE,
    NORMAL
  }

  /** Reads the frame's settings and works out each segment's. */
  static FilterSettings read(BoolDecoder in, Segments segments) {
    boolean simple = in.flag();
    int frameLevel = in.number(6);
    int sharpness = in.number(3);
    int[] deltas = new int[8]; // for four kinds of reference frames, then for four modes
    boolean adjusted = in.flag();
    if (adjusted && in.flag()) {
      for (int i = 0; i < deltas.length; i++) {
        deltas[i] = in.optional(6);
      }
    }
    int[] levels = new int[2 * Segments.COUNT];
    int[] interiors = new int[levels.length];
    int[] variances = new int[levels.length];
    for (int i = 0; i < levels.length; i++) {
      int delta = deltas[0] + (i % 2 == 1 ? deltas[4] : 0); // of key frames, and of subblocks
      int level = segments.filterLevel(i / 2, frameLevel) + delta;
      levels[i] = Math.max(0, Math.min(63, level));
      interiors[i] = interior(levels[i], sharpness);
      variances[i] = levels[i] >= 40 ? 2 : levels[i] >= 15 ? 1 : 0;
    }
    Kind kind = frameLevel == 0 ? Kind.NONE : simple ? Kind.SIMPLE : Kind.NORMAL;
    return new FilterSettings(kind, levels, interiors, variances);
  }

  private static int interior(int level, int sharpness) {
    int interior = level;
    if (sharpness > 0) {
      interior = Math.min(interior >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
    }
    return Math.max(1, interior);
  }
}
