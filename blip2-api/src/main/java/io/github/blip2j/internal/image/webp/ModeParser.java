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
    block.segment = segments.mapped() ? segment() : 0;
    block.skipped = skip >= 0 && in.bit(skip) == 1;
    block.subblocks = in.bit(145) == 0;
    if (block.subblocks) {
      subblockModes(4 * column, block.modes);
    } else {
      int mode =
          in.bit(156) == 1
              ? in.bit(128) == 1 ? SubblockPrediction.TRUE_MOTION : SubblockPrediction.HORIZONTAL
              : in.bit(163) == 1 ? SubblockPrediction.VERTICAL : SubblockPrediction.DC;
      block.modes[0] = mode;
      Arrays.fill(above, 4 * column, 4 * column + 4, mode);
      Arrays.fill(left, mode);
    }
    block.chromaMode = chromaMode();
  }

  private int segment() {
    int[] probabilities = segments.probabilities();
    return in.bit(probabilities[0]) == 0 ? in.bit(probabilities[1]) : 2 + in.bit(probabilities[2]);
  }

  private void subblockModes(int column, int[] modes) {
    for (int y = 0; y < 4; y++) {
      int mode = left[y];
      for (int x = 0; x < 4; x++) {
        int probabilities = (above[column + x] * SubblockPrediction.MODES + mode) * 9;
        int node = 0;
        do {
          node = SUBBLOCK_TREE[2 * node + in.bit(SubblockModes.TABLE[probabilities + node])];
        } while (node > 0);
        mode = -node;
        above[column + x] = mode;
        modes[4 * y + x] = mode;
      }
      left[y] = mode;
    }
  }

  private int chromaMode() {
    if (in.bit(142) == 0) {
      return SubblockPrediction.DC;
    }
    if (in.bit(114) == 0) {
      return SubblockPrediction.VERTICAL;
    }
    return in.bit(183) == 1 ? SubblockPrediction.TRUE_MOTION : SubblockPrediction.HORIZONTAL;
  }
}
