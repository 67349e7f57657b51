package io.github.blip2j.internal.image.webp;

import java.util.Arrays;

/** Reads macroblocks' coefficients (RFC 6386, section 13) and multiplies them by their factors. */
final class CoefficientParser {
  private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
  private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
  private static final int[][] LARGE = {
    {173, 148, 140},
    {176, 155, 140, 135},
    {180, 157, 141, 134, 130},
    {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  private static final int NODES = 11;
  private static final int BAND = 3 * NODES;
  private static final int TYPE = 8 * BAND;

  /** Kinds of blocks, as offsets into the probabilities. */
  private static final int LUMA_WITHOUT_FIRST = 0;

  private static final int SECOND = TYPE;
  private static final int CHROMA = 2 * TYPE;
  private static final int LUMA = 3 * TYPE;

  /**
   * Flags of a macroblock's edge: four blocks of luma, two of each chroma, the second transform.
   */
  private static final int EDGE = 9;

  private static final int EDGE_SECOND = 8;

  private final int[] probabilities;
  private final int[][] factors;
  private final int[] above; // whether the blocks above have coefficients, of the whole row
  private final int[] left = new int[EDGE];
  private final short[] second = new short[16];

  CoefficientParser(FrameHeader header, int columns) {
    probabilities = header.probabilities();
    factors = header.quantizers().factors();
    above = new int[EDGE * columns];
  }

  void startRow() {
    Arrays.fill(left, 0);
  }

  /** Reads a macroblock's coefficients; whether there are any. */
  boolean parse(BoolDecoder in, int column, Macroblock block) {
    int edge = EDGE * column;
    if (block.skipped) {
      int flags = block.subblocks ? EDGE_SECOND : EDGE; // subblocks leave the last one alone
      Arrays.fill(above, edge, edge + flags, 0);
      Arrays.fill(left, 0, flags, 0);
      Arrays.fill(block.contents, (byte) Macroblock.NOTHING);
      return false;
    }
    Arrays.fill(block.coefficients, (short) 0);
    int[] steps = factors[block.segment];
    if (!block.subblocks) {
      secondTransform(in, edge, block, steps);
    }
    boolean any = false;
    for (int i = 0; i < 16; i++) {
      any |= luma(in, edge + i % 4, i, block, steps);
    }
    for (int i = 16; i < Macroblock.BLOCKS; i++) {
      any |= chroma(in, edge, i, block, steps);
    }
    return any;
  }

  /** Section 14.3: the first coefficients of all luma blocks, transformed. */
  private void secondTransform(BoolDecoder in, int edge, Macroblock block, int[] steps) {
    Arrays.fill(second, (short) 0);
    int context = above[edge + EDGE_SECOND] + left[EDGE_SECOND];
    int node = SECOND + BANDS[0] * BAND + context * NODES;
    int count = read(in, node, 0, steps, Quantizers.SECOND, second, 0);
    int flag = count > 0 ? 1 : 0;
    above[edge + EDGE_SECOND] = flag;
    left[EDGE_SECOND] = flag;
    if (flag == 1) {
      InverseTransform.second(second, block.coefficients);
    }
  }

  private boolean luma(BoolDecoder in, int edge, int index, Macroblock block, int[] steps) {
    int first = block.subblocks ? 0 : 1;
    int type = block.subblocks ? LUMA : LUMA_WITHOUT_FIRST;
    int row = index >> 2;
    int node = type + BANDS[first] * BAND + (above[edge] + left[row]) * NODES;
    int count = read(in, node, first, steps, Quantizers.LUMA, block.coefficients, 16 * index);
    int flag = count > first ? 1 : 0;
    above[edge] = flag;
    left[row] = flag;
    return contents(block, index, count);
  }

  private boolean chroma(BoolDecoder in, int edge, int index, Macroblock block, int[] steps) {
    int plane = 4 + 2 * (index - 16 >> 2); // where its two flags are
    int column = edge + plane + (index & 1);
    int row = plane + (index >> 1 & 1);
    int node = CHROMA + BANDS[0] * BAND + (above[column] + left[row]) * NODES;
    int count = read(in, node, 0, steps, Quantizers.CHROMA, block.coefficients, 16 * index);
    int flag = count > 0 ? 1 : 0;
    above[column] = flag;
    left[row] = flag;
    return contents(block, index, count);
  }

  private static boolean contents(Macroblock block, int index, int count) {
    int contents =
        count > 1
            ? Macroblock.ALL
            : block.coefficients[16 * index] != 0 ? Macroblock.FIRST_ONLY : Macroblock.NOTHING;
    block.contents[index] = (byte) contents;
    return contents != Macroblock.NOTHING;
  }

  /**
   * Reads a block.
   *
   * @param node where the probabilities of its first coefficient begin
   * @param first 1 where the first coefficient is left out
   * @param kind where its two factors are
   * @return one more than the position of the last coefficient in zigzag order; {@code first} where
   *     there are none
   */
  private int read(
      BoolDecoder in, int node, int first, int[] steps, int kind, short[] target, int at) {
    int type = node - node % TYPE;
    int position = first;
    int p = node;
    while (position < 16) {
      if (in.bit(probabilities[p]) == 0) {
        return position;
      }
      while (in.bit(probabilities[p + 1]) == 0) {
        position++;
        if (position == 16) {
          return 16;
        }
        p = type + BANDS[position] * BAND;
      }
      int magnitude = in.bit(probabilities[p + 2]) == 0 ? 1 : large(in, p);
      int value = in.bit(128) == 1 ? -magnitude : magnitude;
      int step = steps[position > 0 ? kind + 1 : kind];
      target[at + ZIGZAG[position]] = (short) (value * step);
      position++;
      p = type + BANDS[position] * BAND + (magnitude == 1 ? NODES : 2 * NODES);
    }
    return 16;
  }

  /** Section 13.2: magnitudes of two and more. */
  private int large(BoolDecoder in, int p) {
    if (in.bit(probabilities[p + 3]) == 0) {
      return in.bit(probabilities[p + 4]) == 0 ? 2 : 3 + in.bit(probabilities[p + 5]);
    }
    if (in.bit(probabilities[p + 6]) == 0) {
      if (in.bit(probabilities[p + 7]) == 0) {
        return 5 + in.bit(159);
      }
      int high = in.bit(165);
      return 7 + 2 * high + in.bit(145);
    }
    int high = in.bit(probabilities[p + 8]);
    int category = 2 * high + in.bit(probabilities[p + 9 + high]);
    int extra = 0;
    for (int probability : LARGE[category]) {
      extra = 2 * extra + in.bit(probability);
    }
    return extra + 3 + (8 << category);
  }
}
