package io.github.blip2j.internal.image.webp;

/**
 * Reads the coefficients of blocks (RFC 6386, section 13). Most of a lossy image's bits are read
 * here, so the state of the arithmetic decoder is kept in {@link LocalBits}.
 */
final class BlockReader {
  static final int NODES = 11; // probabilities of one context
  static final int BAND = 3 * NODES;
  static final int TYPE = 8 * BAND;

  private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
  private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};

  private static final int[] LEAST = {11, 19, 35, 67}; // of the third to sixth category
  private static final int[][] EXTRA = { // likewise, probabilities of the bits behind it
    {173, 148, 140},
    {176, 155, 140, 135},
    {180, 157, 141, 134, 130},
    {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  private final int[] probabilities;

  BlockReader(int[] probabilities) {
    this.probabilities = probabilities;
  }

  /**
   * Kinds of blocks.
   *
   * @param type where their probabilities begin
   * @param first 1 where the first coefficient is left out, else 0
   * @param factors where their two factors are
   */
  record Kind(int type, int first, int factors) {
    private int factor(int position) {
      return position > 0 ? factors + 1 : factors;
    }
  }

  /**
   * Reads a block.
   *
   * @param context how many of the blocks above and to the left have coefficients
   * @param steps the factors of all kinds
   * @param target where its sixteen coefficients go, from {@code at} on; those that are 0 are left
   * @return one more than the position of the last coefficient in zigzag order; {@code first} where
   *     there are none
   */
  int read(BoolDecoder in, Kind kind, int context, int[] steps, short[] target, int at) {
    LocalBits bits = new LocalBits(in);
    int position = kind.first;
    int p = kind.type + BANDS[position] * BAND + context * NODES;
    while (position < 16 && bits.one(probabilities[p])) {
      while (!bits.one(probabilities[p + 1])) {
        p = kind.type + BANDS[++position] * BAND;
        if (position == 16) {
          bits.give();
          return 16;
        }
      }
      int magnitude = 1;
      int next = NODES;
      if (bits.one(probabilities[p + 2])) {
        magnitude = large(bits.give(), p);
        bits.take();
        next = 2 * NODES;
      }
      int level = bits.withSign(magnitude);
      target[at + ZIGZAG[position]] = (short) (level * steps[kind.factor(position)]);
      p = kind.type + BANDS[++position] * BAND + next;
    }
    bits.give();
    return position;
  }

  /** Section 13.2: magnitudes of two and more. */
  private int large(BoolDecoder in, int p) {
    if (in.bit(probabilities[p + 3]) == 0) {
      return in.bit(probabilities[p + 4]) == 0 ? 2 : 3 + in.bit(probabilities[p + 5]);
    }
    if (in.bit(probabilities[p + 6]) == 0) {
      boolean first = in.bit(probabilities[p + 7]) == 0;
      return first ? 5 + in.bit(159) : 7 + 2 * in.bit(165) + in.bit(145);
    }
    int high = in.bit(probabilities[p + 8]);
    int category = 2 * high + in.bit(probabilities[p + 9 + high]);
    int extra = 0;
    for (int probability : EXTRA[category]) {
      extra = 2 * extra + in.bit(probability);
    }
    return LEAST[category] + extra;
  }
}
