package io.github.blip2j.internal.image.webp;

import java.util.Arrays;

/** Reads macroblocks' coefficients (RFC 6386, section 13) and multiplies them by their factors. */
final class CoefficientParser {
  private static final BlockReader.Kind LUMA_WITHOUT_FIRST =
      new BlockReader.Kind(0, 1, Quantizers.LUMA);
  private static final BlockReader.Kind SECOND =
      new BlockReader.Kind(BlockReader.TYPE, 0, Quantizers.SECOND);
  private static final BlockReader.Kind CHROMA =
      new BlockReader.Kind(2 * BlockReader.TYPE, 0, Quantizers.CHROMA);
  private static final BlockReader.Kind LUMA =
      new BlockReader.Kind(3 * BlockReader.TYPE, 0, Quantizers.LUMA);

  /**
   * Flags of a macroblock's edge: four blocks of luma, two of each chroma, the second transform.
   */
  private static final int EDGE = 9;

  private static final int EDGE_SECOND = 8;

  /** Where each block's flag is, among those of its column and those of its row. */
  private static final int[] COLUMNS = {
    0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7
  };

  private static final int[] ROWS = {
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7
  };

  private final BlockReader reader;
  private final int[][] factors;
  private final int[] above; // whether the blocks above have coefficients, of the whole row
  private final int[] left = new int[EDGE];
  private final short[] second = new short[16];

  CoefficientParser(FrameHeader header, int columns) {
    reader = new BlockReader(header.probabilities());
    factors = header.quantizers().factors();
    above = new int[EDGE * columns];
  }

  void startRow() {
    Arrays.fill(left, 0);
  }

  /** Reads a macroblock's coefficients; whether there are any. */
  boolean parse(BoolDecoder in, int x, Macroblock block) {
    int edge = EDGE * x;
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
    BlockReader.Kind luma = block.subblocks ? LUMA : LUMA_WITHOUT_FIRST;
    boolean any = false;
    for (int i = 0; i < Macroblock.BLOCKS; i++) {
      BlockReader.Kind kind = i < 16 ? luma : CHROMA;
      int column = edge + COLUMNS[i];
      int row = ROWS[i];
      int context = above[column] + left[row];
      int count = reader.read(in, kind, context, steps, block.coefficients, 16 * i);
      int flag = count > kind.first() ? 1 : 0;
      above[column] = flag;
      left[row] = flag;
      any |= contents(block, i, count);
    }
    return any;
  }

  /** Section 14.3: the first coefficients of all luma blocks, transformed. */
  private void secondTransform(BoolDecoder in, int edge, Macroblock block, int[] steps) {
    Arrays.fill(second, (short) 0);
    int context = above[edge + EDGE_SECOND] + left[EDGE_SECOND];
    int count = reader.read(in, SECOND, context, steps, second, 0);
    int flag = count > 0 ? 1 : 0;
    above[edge + EDGE_SECOND] = flag;
    left[EDGE_SECOND] = flag;
    if (flag == 1) {
      InverseTransform.second(second, block.coefficients);
    }
  }

  private static boolean contents(Macroblock block, int index, int count) {
    int contents =
        count > 3
            ? Macroblock.ALL
            : count > 1
                ? Macroblock.FIRST_THREE
                : block.coefficients[16 * index] != 0 ? Macroblock.FIRST_ONLY : Macroblock.NOTHING;
    block.contents[index] = (byte) contents;
    return contents != Macroblock.NOTHING;
  }
}
