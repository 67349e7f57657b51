package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of a VP8 frame as RFC 6386 lays them out, and the modes of its macroblocks. */
class FrameHeaderTest {
  private static final int COLUMNS = 5;
  private static final int ROWS = 6;
  private static final int NO_SKIP = -1;

  private final SplittableRandom random = new SplittableRandom(19);

  private static Segments none() {
    return Segments.read(new BoolEncoder().flag(false).number(0, 20).reader());
  }

  @Test
  void segmentsReplaceTheFramesSettingsOrAddToThem() {
    BoolEncoder out = new BoolEncoder().flag(true).flag(false).flag(true).flag(true);
    out.optional(5, 7).optional(-3, 7).optional(0, 7).optional(127, 7);
    out.optional(1, 6).optional(-63, 6).optional(0, 6).optional(9, 6);
    Segments absolute = Segments.read(out.reader());
    assertThat(absolute.mapped()).isFalse();
    assertThat(absolute.quantizer(0, 50)).isEqualTo(5);
    assertThat(absolute.quantizer(1, 50)).isEqualTo(-3);
    assertThat(absolute.filterLevel(1, 50)).isEqualTo(-63);
    BoolEncoder added = new BoolEncoder().flag(true).flag(true).flag(true).flag(false);
    added.optional(5, 7).optional(-3, 7).optional(0, 7).optional(0, 7);
    added.optional(1, 6).optional(0, 6).optional(0, 6).optional(0, 6);
    added.flag(true).number(200, 8).flag(false).flag(true).number(1, 8);
    Segments more = Segments.read(added.reader());
    assertThat(more.quantizer(1, 50)).isEqualTo(47);
    assertThat(more.filterLevel(0, 50)).isEqualTo(51);
    assertThat(more.probabilities()).containsExactly(200, 255, 1);
    assertThat(none().quantizer(2, 50)).as("without segments it is the frame's").isEqualTo(50);
  }

  /** Sharpness lowers the interior limit; the levels of 15 and 40 raise the variance. */
  @ParameterizedTest
  @CsvSource({
    "0,0,1,0", "1,0,1,0", "14,0,14,0", "15,0,15,1", "39,0,39,1", "40,0,40,2", "63,0,63,2",
    "63,1,8,2", "10,1,5,0", "10,4,5,0", "20,4,5,1", "20,5,4,1", "63,7,2,2", "2,7,1,0"
  })
  void limitsFollowFromLevelAndSharpness(int level, int sharpness, int interior, int variance) {
    BoolEncoder out = new BoolEncoder().flag(false).number(level, 6).number(sharpness, 3);
    FilterSettings settings = FilterSettings.read(out.flag(false).reader(), none());
    assertThat(settings.levels()).containsOnly(level);
    assertThat(settings.interiors()).containsOnly(interior);
    assertThat(settings.variances()).containsOnly(variance);
    assertThat(settings.kind())
        .isEqualTo(level == 0 ? FilterSettings.Kind.NONE : FilterSettings.Kind.NORMAL);
  }

  @Test
  void keyFramesAndSubblocksHaveLevelsOfTheirOwn() {
    BoolEncoder out = new BoolEncoder().flag(true).number(30, 6).number(0, 3).flag(true).flag(true);
    int[] deltas = {-7, 1, 2, 3, 40, 5, 6, 7};
    for (int delta : deltas) {
      out.optional(delta, 6);
    }
    FilterSettings settings = FilterSettings.read(out.reader(), none());
    assertThat(settings.kind()).isEqualTo(FilterSettings.Kind.SIMPLE);
    assertThat(settings.levels()).containsExactly(23, 63, 23, 63, 23, 63, 23, 63);
  }

  /**
   * Sections 9.6 and 14.1: indexes are clipped, some factors doubled, or 155/100 and at least 8.
   */
  @Test
  void factorsAreThoseOfTheTables() {
    BoolEncoder out = new BoolEncoder().number(10, 7).optional(-15, 4).optional(0, 4);
    out.optional(15, 4).optional(0, 4).optional(2, 4);
    int[] factors = Quantizers.read(out.reader(), none()).factors()[0];
    assertThat(factors).containsExactly(4, 14, 2 * 13, 29 * 155 / 100, 13, 16);
    BoolEncoder least = new BoolEncoder().number(0, 7).number(0, 5);
    assertThat(Quantizers.read(least.reader(), none()).factors()[3])
        .containsExactly(4, 4, 8, 8, 4, 4);
    BoolEncoder most = new BoolEncoder().number(127, 7);
    for (int i = 0; i < 5; i++) {
      most.optional(15, 4);
    }
    assertThat(Quantizers.read(most.reader(), none()).factors()[0])
        .containsExactly(157, 284, 314, 284 * 155 / 100, 132, 284);
  }

  /** A frame's header: nothing but a quantizer, and so many partitions. */
  private static BoolEncoder header(int partitionBits) {
    BoolEncoder out = new BoolEncoder().number(0, 2).flag(false);
    out.flag(false).number(0, 9).flag(false).number(partitionBits, 2);
    out.number(10, 7).number(0, 5).flag(false);
    for (int i = 0; i < CoefficientUpdates.TABLE.length; i++) {
      boolean updated = i == 7;
      out.bit(updated ? 1 : 0, CoefficientUpdates.TABLE[i]);
      if (updated) {
        out.number(77, 8);
      }
    }
    return out.flag(true).number(99, 8);
  }

  /** An image of a first partition, and what follows it. */
  private static Span image(byte[] first, byte... rest) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int tag = 1 << 4 | first.length << 5;
    out.writeBytes(new byte[] {(byte) tag, (byte) (tag >> 8), (byte) (tag >> 16)});
    out.writeBytes(new byte[7]);
    out.writeBytes(first);
    out.writeBytes(rest);
    return new Span(out.toByteArray(), 0, out.size());
  }

  @Test
  void probabilitiesAndPartitionsAreRead() throws IOException {
    byte[] first = header(0).number(0, 32).toBytes();
    FrameHeader header = FrameHeader.read(image(first, (byte) 1));
    int[] expected = CoefficientDefaults.TABLE.clone();
    expected[7] = 77;
    assertThat(header.probabilities()).isEqualTo(expected);
    assertThat(header.skip()).isEqualTo(99);
    assertThat(header.tokens()).hasSize(1);
    byte[] two = header(1).number(0, 32).toBytes();
    assertThat(
            FrameHeader.read(image(two, (byte) 1, (byte) 0, (byte) 0, (byte) 7, (byte) 8)).tokens())
        .hasSize(2);
  }

  @Test
  void partitionsThatAreNotThereAreMissed() {
    byte[] two = header(1).number(0, 32).toBytes();
    assertThatThrownBy(() -> FrameHeader.read(image(two, (byte) 1, (byte) 0, (byte) 0)))
        .hasMessage("VP8: expected 2 partitions, found 3 bytes");
    assertThatThrownBy(() -> FrameHeader.read(image(two, (byte) 9, (byte) 0, (byte) 0, (byte) 1)))
        .hasMessage("VP8: expected 2 partitions, found an empty last one");
    Span whole = image(two, (byte) 1);
    Span cut = whole.first(whole.length() - 3);
    assertThatThrownBy(() -> FrameHeader.read(cut)).hasMessageContaining("a first partition of");
    assertThatThrownBy(() -> FrameHeader.read(image(new byte[0], (byte) 1)))
        .hasMessageContaining("found damage");
  }

  /**
   * Section 11.2 and 11.3: the bits on the way to each mode, and the nodes that they are asked at.
   */
  private static final String[] SUBBLOCK_CODES = {
    "0", "10", "110", "11100", "111010", "111011", "11110", "111110", "1111110", "1111111"
  };

  private static void subblockMode(BoolEncoder out, int mode, int above, int left) {
    String code = SUBBLOCK_CODES[mode];
    for (int i = 0; i < code.length(); i++) {
      int node = i < 4 ? i : code.charAt(3) == '0' ? i : i + 2;
      int place = (above * SubblockPrediction.MODES + left) * 9 + node;
      out.bit(code.charAt(i) - '0', SubblockModes.TABLE[place]);
    }
  }

  private static void lumaMode(BoolEncoder out, int mode) {
    boolean further =
        mode == SubblockPrediction.HORIZONTAL || mode == SubblockPrediction.TRUE_MOTION;
    out.bit(1, 145).bit(further ? 1 : 0, 156);
    if (further) {
      out.bit(mode == SubblockPrediction.TRUE_MOTION ? 1 : 0, 128);
    } else {
      out.bit(mode == SubblockPrediction.VERTICAL ? 1 : 0, 163);
    }
  }

  private static void chromaMode(BoolEncoder out, int mode) {
    out.bit(mode == SubblockPrediction.DC ? 0 : 1, 142);
    if (mode != SubblockPrediction.DC) {
      out.bit(mode == SubblockPrediction.VERTICAL ? 0 : 1, 114);
    }
    if (mode == SubblockPrediction.HORIZONTAL || mode == SubblockPrediction.TRUE_MOTION) {
      out.bit(mode == SubblockPrediction.TRUE_MOTION ? 1 : 0, 183);
    }
  }

  /** A macroblock's own mode is that of its subblocks for those beside it. */
  @ParameterizedTest
  @CsvSource({"-1", "40"})
  void modesOfMacroblocksComeBack(int skip) {
    int[] probabilities = {30, 130, 230};
    BoolEncoder out = new BoolEncoder();
    int[][] modes = new int[4 * ROWS + 1][4 * COLUMNS + 1]; // with an edge of DC
    Macroblock[] expected = new Macroblock[ROWS * COLUMNS];
    for (int i = 0; i < expected.length; i++) {
      Macroblock block = new Macroblock();
      expected[i] = block;
      block.segment = random.nextInt(Segments.COUNT);
      out.bit(block.segment / 2, probabilities[0]);
      out.bit(block.segment % 2, probabilities[1 + block.segment / 2]);
      block.skipped = skip != NO_SKIP && random.nextBoolean();
      if (skip != NO_SKIP) {
        out.bit(block.skipped ? 1 : 0, skip);
      }
      block.subblocks = random.nextBoolean();
      int mode = random.nextInt(4);
      if (block.subblocks) {
        out.bit(0, 145);
      } else {
        lumaMode(out, mode);
        block.modes[0] = mode;
      }
      for (int j = 0; j < 16; j++) {
        int y = 1 + 4 * (i / COLUMNS) + j / 4;
        int x = 1 + 4 * (i % COLUMNS) + j % 4;
        modes[y][x] = block.subblocks ? random.nextInt(SubblockPrediction.MODES) : mode;
        if (block.subblocks) {
          block.modes[j] = modes[y][x];
          subblockMode(out, modes[y][x], modes[y - 1][x], modes[y][x - 1]);
        }
      }
      block.chromaMode = random.nextInt(4);
      chromaMode(out, block.chromaMode);
    }
    Segments segments = new Segments(true, true, true, new int[4], new int[4], probabilities);
    BoolDecoder in = out.reader();
    FrameHeader header =
        new FrameHeader(
            in,
            new BoolDecoder[0],
            segments,
            new FilterSettings(FilterSettings.Kind.NONE, new int[8], new int[8], new int[8]),
            new Quantizers(new int[4][6]),
            new int[0],
            skip);
    ModeParser parser = new ModeParser(header, COLUMNS);
    for (int i = 0; i < expected.length; i++) {
      if (i % COLUMNS == 0) {
        parser.startRow();
      }
      Macroblock found = new Macroblock();
      parser.parse(i % COLUMNS, found);
      assertThat(found.modes).as("macroblock %d", i).isEqualTo(expected[i].modes);
      assertThat(Arrays.asList(found.segment, found.chromaMode))
          .containsExactly(expected[i].segment, expected[i].chromaMode);
      assertThat(Arrays.asList(found.skipped, found.subblocks))
          .containsExactly(expected[i].skipped, expected[i].subblocks);
    }
    assertThat(in.damaged()).isFalse();
  }
}
