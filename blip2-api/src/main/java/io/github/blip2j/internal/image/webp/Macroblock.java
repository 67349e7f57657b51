package io.github.blip2j.internal.image.webp;

/**
 * What the bit stream says about one macroblock: 16x16 luma pixels and 8x8 of each chroma. One
 * object serves for all macroblocks of a column, one after another.
 */
final class Macroblock {
  static final int NOTHING = 0;
  static final int FIRST_ONLY = 1;
  static final int FIRST_THREE = 2;
  static final int ALL = 3;

  /** Blocks of 4x4: 16 of luma, 4 of each chroma, row by row. */
  static final int BLOCKS = 24;

  /** Which segment it belongs to. */
  int segment;

  /** Whether it is said to have no coefficients. */
  boolean skipped;

  /** Whether it has any. */
  boolean coded;

  /** Whether luma is predicted for each subblock. */
  boolean subblocks;

  /** Modes of {@link SubblockPrediction} for each subblock, or one of the first four for all. */
  final int[] modes = new int[16];

  /** One of the first four modes. */
  int chromaMode;

  /** Sixteen of each block, multiplied by their factors, row by row. */
  final short[] coefficients = new short[16 * BLOCKS];

  /**
   * For each block whether it has no coefficients, a first one only, the first three, or others.
   */
  final byte[] contents = new byte[BLOCKS];
}
