package io.github.blip2j.internal.image.webp;

import java.util.Arrays;

/** Reads macroblocks' segments and prediction modes (RFC 6386, sections 9.3.1, 11 and 19.3). */
final class ModeParser {
  /** The tree of subblock modes: positive numbers are nodes, others a mode, negated. */
  private static final int[] SUBBLOCK_TREE = {
    -SubblockPrediction.DC,
    1,
    -SubblockPrediction.TRUE_MOTION,
    2,
    -SubblockPrediction.VERTICAL,
    3,
    4,
    6,
    -SubblockPrediction.HORIZONTAL,
    5,
    -SubblockPrediction.DOWN_RIGHT,
    -SubblockPrediction.VERTICAL_RIGHT,
    -SubblockPrediction.DOWN_LEFT,
    7,
    -SubblockPrediction.VERTICAL_LEFT,
    8,
    -SubblockPrediction.HORIZONTAL_DOWN,
    -SubblockPrediction.HORIZONTAL_UP
  };

  private static final int[] SEGMENT_TREE = {1, 2, 0, -1, -2, -3};

  /** Of the modes of whole macroblocks; one more than them all stands for subblocks. */
  private static final int[] LUMA_TREE = {
    -SubblockPrediction.MODES,
    1,
    2,
    3,
    -SubblockPrediction.DC,
    -SubblockPrediction.VERTICAL,
    -SubblockPrediction.HORIZONTAL,
    -SubblockPrediction.TRUE_MOTION
  };

  private static final int[] LUMA = {145, 156, 163, 128};
  private static final int[] CHROMA_TREE = {
    -SubblockPrediction.DC,
    1,
    -SubblockPrediction.VERTICAL,
    2,
    -SubblockPrediction.HORIZONTAL,
    -SubblockPrediction.TRUE_MOTION
  };

  private static final int[] CHROMA = {142, 114, 183};

  private final BoolDecoder in;
  private final Segments segments;
  private final int skip;
  private final int[] above; // modes of the subblocks above, of the whole row
  private final int[] left = new int[4];

  ModeParser(FrameHeader header, int columns) {
    in = header.modes();
    segments = header.segments();
    skip = header.skip();
    above = new int[4 * columns]; // DC, which counts outside the frame too
  }

  void startRow() {
    Arrays.fill(left, SubblockPrediction.DC);
  }

  void parse(int column, Macroblock block) {
    block.segment = segments.mapped() ? in.leaf(SEGMENT_TREE, segments.probabilities(), 0) : 0;
    block.skipped = skip >= 0 && in.bit(skip) == 1;
    int mode = in.leaf(LUMA_TREE, LUMA, 0);
    block.subblocks = mode == SubblockPrediction.MODES;
    if (block.subblocks) {
      subblockModes(4 * column, block.modes);
    } else {
      block.modes[0] = mode;
      for (int i = 0; i < 4; i++) {
        above[4 * column + i] = mode;
        left[i] = mode;
      }
    }
    block.chromaMode = in.leaf(CHROMA_TREE, CHROMA, 0);
  }

  private void subblockModes(int column, int[] modes) {
    for (int i = 0; i < 16; i++) {
      int x = column + (i & 3);
      int y = i >> 2;
      int probabilities = (above[x] * SubblockPrediction.MODES + left[y]) * 9;
      int mode = in.leaf(SUBBLOCK_TREE, SubblockModes.TABLE, probabilities);
      above[x] = mode;
      left[y] = mode;
      modes[i] = mode;
    }
  }
}
