package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Segments and modes that a writer has written by the trees of RFC 6386, sections 9.3.1 and 11, are
 * read again. A path is a list of nodes, each with the bit that leads on.
 */
class ModeParserTest {
  private static final int WIDE = 7;
  private static final int HIGH = 9;
  private static final int[] SEGMENT = {90, 200, 30};
  private static final int[] LUMA = {145, 156, 163, 128};
  private static final int[] CHROMA = {142, 114, 183};
  private static final String[] SEGMENT_PATHS = {"0-1-", "0-1+", "0+2-", "0+2+"};
  private static final String[] LUMA_PATHS = {"0+1-2-", "0+1+3+", "0+1-2+", "0+1+3-"};
  private static final String[] CHROMA_PATHS = {"0-", "0+1+2+", "0+1-", "0+1+2-"};
  private static final String[] SUBBLOCK_PATHS = {
    "0-", // DC
    "0+1-", // true motion
    "0+1+2-", // vertical
    "0+1+2+3-4-", // horizontal
    "0+1+2+3-4+5-", // down right
    "0+1+2+3-4+5+", // vertical right
    "0+1+2+3+6-", // down left
    "0+1+2+3+6+7-", // vertical left
    "0+1+2+3+6+7+8-", // horizontal down
    "0+1+2+3+6+7+8+" // horizontal up
  };

  private final SplittableRandom random = new SplittableRandom(19);
  private final BoolEncoder out = new BoolEncoder();
  private final int[][] modes = new int[4 * HIGH][4 * WIDE]; // of all subblocks

  private void write(String path, int[] probabilities, int at) {
    for (int i = 0; i < path.length(); i += 2) {
      int node = path.charAt(i) - '0';
      out.bit(path.charAt(i + 1) == '+' ? 1 : 0, probabilities[at + node]);
    }
  }

  private Macroblock random(int column, int row, boolean mapped, int skip) {
    Macroblock block = new Macroblock();
    block.segment = mapped ? random.nextInt(4) : 0;
    block.skipped = skip >= 0 && random.nextBoolean();
    block.subblocks = random.nextBoolean();
    block.chromaMode = random.nextInt(4);
    int whole = random.nextInt(4);
    block.modes[0] = whole;
    for (int i = 0; i < 16; i++) {
      int mode = block.subblocks ? random.nextInt(SubblockPrediction.MODES) : whole;
      modes[4 * row + i / 4][4 * column + i % 4] = mode;
      if (block.subblocks) {
        block.modes[i] = mode;
      }
    }
    return block;
  }

  private int mode(int x, int y) {
    return x < 0 || y < 0 ? SubblockPrediction.DC : modes[y][x];
  }

  private void write(Macroblock block, int column, int row, boolean mapped, int skip) {
    if (mapped) {
      write(SEGMENT_PATHS[block.segment], SEGMENT, 0);
    }
    if (skip >= 0) {
      out.bit(block.skipped ? 1 : 0, skip);
    }
    write(block.subblocks ? "0-" : LUMA_PATHS[block.modes[0]], LUMA, 0);
    for (int i = 0; block.subblocks && i < 16; i++) {
      int x = 4 * column + i % 4;
      int y = 4 * row + i / 4;
      int context = mode(x, y - 1) * SubblockPrediction.MODES + mode(x - 1, y);
      write(SUBBLOCK_PATHS[block.modes[i]], SubblockModes.TABLE, 9 * context);
    }
    write(CHROMA_PATHS[block.chromaMode], CHROMA, 0);
  }

  private FrameHeader header(boolean mapped, int skip) {
    return new FrameHeader(
        out.reader(),
        new BoolDecoder[0],
        new Segments(mapped, mapped, true, new int[4], new int[4], SEGMENT),
        new FilterSettings(FilterSettings.Kind.NONE, new int[8], new int[8], new int[8]),
        new Quantizers(new int[4][6]),
        new int[0],
        skip);
  }

  @ParameterizedTest
  @CsvSource({"false,-1", "true,-1", "false,70", "true,220"})
  void whatIsWrittenByTheTreesIsRead(boolean mapped, int skip) {
    Macroblock[] blocks = new Macroblock[WIDE * HIGH];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = random(i % WIDE, i / WIDE, mapped, skip);
      write(blocks[i], i % WIDE, i / WIDE, mapped, skip);
    }
    FrameHeader header = header(mapped, skip);
    ModeParser parser = new ModeParser(header, WIDE);
    Macroblock found = new Macroblock();
    for (int i = 0; i < blocks.length; i++) {
      if (i % WIDE == 0) {
        parser.startRow();
      }
      parser.parse(i % WIDE, found);
      Macroblock expected = blocks[i];
      assertThat(found.segment).as("segment of %d", i).isEqualTo(expected.segment);
      assertThat(found.skipped).as("skipped %d", i).isEqualTo(expected.skipped);
      assertThat(found.subblocks).as("subblocks of %d", i).isEqualTo(expected.subblocks);
      assertThat(found.chromaMode).as("chroma of %d", i).isEqualTo(expected.chromaMode);
      int count = expected.subblocks ? 16 : 1;
      assertThat(Arrays.copyOf(found.modes, count))
          .as("modes of %d", i)
          .isEqualTo(Arrays.copyOf(expected.modes, count));
    }
    assertThat(header.modes().damaged()).isFalse();
  }

  @Test
  void everyLeafHasAPathOfItsOwn() {
    for (String[] paths : new String[][] {SEGMENT_PATHS, LUMA_PATHS, CHROMA_PATHS}) {
      assertThat(paths).hasSize(4).doesNotHaveDuplicates();
    }
    assertThat(SUBBLOCK_PATHS).hasSize(SubblockPrediction.MODES).doesNotHaveDuplicates();
  }
}
