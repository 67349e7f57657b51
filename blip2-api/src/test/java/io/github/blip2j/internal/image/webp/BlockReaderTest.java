package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Coefficients that were coded by the tokens of RFC 6386, section 13, come back. */
class BlockReaderTest {
  private static final int BLOCKS = 500;
  private static final int MAGNITUDES = 2048 + 66; // the last category begins with 67
  private static final int MACROBLOCKS_WIDE = 3;
  private static final int MACROBLOCKS_HIGH = 4;

  private final SplittableRandom random = new SplittableRandom(13);
  private final CoefficientWriter writer = new CoefficientWriter(random);
  private final BlockReader reader = new BlockReader(writer.probabilities());

  /** In zigzag order: zeros, ones, and what each category of large ones begins and ends with. */
  private int[] block(int first) {
    int[] edges = {2, 3, 4, 5, 6, 7, 10, 11, 18, 19, 34, 35, 66, 67, 2048};
    int[] block = new int[16];
    int end = random.nextInt(17);
    for (int i = first; i < end; i++) {
      int kind = random.nextInt(4);
      int magnitude = kind < 2 ? kind : edges[random.nextInt(kind == 2 ? 3 : edges.length)];
      block[i] = random.nextBoolean() ? magnitude : -magnitude;
    }
    return block;
  }

  /** RFC 6386, section 13: positions of coefficients in their order. */
  private static int[] inRows(int[] zigzag) {
    int[] order = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    int[] rows = new int[16];
    for (int i = 0; i < 16; i++) {
      rows[order[i]] = zigzag[i];
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"0,1,0", "1,0,2", "2,0,4", "3,0,0"})
  void blocksOfEveryKindComeBack(int type, int first, int factors) {
    int[] steps = {3, 5, 7, 11, 2, 13};
    BoolEncoder out = new BoolEncoder();
    int[][] blocks = new int[BLOCKS][];
    int[] contexts = new int[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      blocks[i] = block(first);
      contexts[i] = random.nextInt(3);
      writer.block(out, type, first, contexts[i], blocks[i]);
    }
    BoolDecoder in = out.reader();
    BlockReader.Kind kind = new BlockReader.Kind(type * BlockReader.TYPE, first, factors);
    for (int i = 0; i < BLOCKS; i++) {
      short[] target = new short[20];
      int count = reader.read(in, kind, contexts[i], steps, target, 2);
      int[] rows = inRows(blocks[i]);
      int last = first;
      for (int k = 0; k < 16; k++) {
        int factor = steps[k == 0 ? factors : factors + 1];
        assertThat(target[2 + k]).as("block %d at %d", i, k).isEqualTo((short) (rows[k] * factor));
        last = blocks[i][k] != 0 ? k + 1 : last;
      }
      assertThat(count).isEqualTo(last);
    }
    assertThat(in.damaged()).isFalse();
  }

  /** Every magnitude of the tree of tokens and its categories' extra bits, with both signs. */
  @Test
  void everyMagnitudeComesBack() {
    BoolEncoder out = new BoolEncoder();
    int[][] blocks = new int[MAGNITUDES / 16][16];
    for (int i = 0; i < blocks.length; i++) {
      for (int k = 0; k < 16; k++) {
        int magnitude = 16 * i + k + 1;
        blocks[i][k] = random.nextBoolean() ? magnitude : -magnitude;
      }
      writer.block(out, 3, 0, i % 3, blocks[i]);
    }
    BoolDecoder in = out.reader();
    BlockReader.Kind kind = new BlockReader.Kind(3 * BlockReader.TYPE, 0, 0);
    for (int i = 0; i < blocks.length; i++) {
      short[] target = new short[16];
      assertThat(reader.read(in, kind, i % 3, new int[] {1, 1}, target, 0)).isEqualTo(16);
      int[] rows = inRows(blocks[i]);
      for (int k = 0; k < 16; k++) {
        assertThat((int) target[k]).as("block %d at %d", i, k).isEqualTo(rows[k]);
      }
    }
    assertThat(in.damaged()).isFalse();
  }

  /** One macroblock's blocks: 16 of luma, 4 of each chroma, and luma's second transform. */
  private record Coded(boolean skipped, boolean subblocks, int[][] blocks, int[] second) {}

  private Coded coded() {
    boolean subblocks = random.nextBoolean();
    boolean skipped = random.nextInt(4) == 0;
    int[][] blocks = new int[Macroblock.BLOCKS][];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = random.nextBoolean() ? new int[16] : block(i < 16 && !subblocks ? 1 : 0);
    }
    return new Coded(skipped, subblocks, blocks, random.nextBoolean() ? new int[16] : block(0));
  }

  private static FrameHeader header(int[] probabilities, int[][] factors) {
    byte[] none = {0};
    Span empty = new Span(none, 0, 1);
    return new FrameHeader(
        new BoolDecoder(empty),
        new BoolDecoder[0],
        new Segments(false, false, true, new int[4], new int[4], new int[3]),
        new FilterSettings(FilterSettings.Kind.NONE, new int[8], new int[8], new int[8]),
        new Quantizers(factors),
        probabilities,
        -1);
  }

  /** The coefficients of a macroblock, as the decoder is to have them. */
  private static short[] expected(Coded coded, int[] steps) {
    short[] all = new short[16 * Macroblock.BLOCKS];
    if (!coded.subblocks()) {
      int[] rows = inRows(coded.second());
      short[] second = new short[16];
      for (int k = 0; k < 16; k++) {
        second[k] = (short) (rows[k] * steps[k == 0 ? Quantizers.SECOND : Quantizers.SECOND + 1]);
      }
      InverseTransform.second(second, all);
    }
    for (int i = 0; i < Macroblock.BLOCKS; i++) {
      int factors = i < 16 ? Quantizers.LUMA : Quantizers.CHROMA;
      int[] rows = inRows(coded.blocks()[i]);
      for (int k = i < 16 && !coded.subblocks() ? 1 : 0; k < 16; k++) {
        all[16 * i + k] = (short) (rows[k] * steps[k == 0 ? factors : factors + 1]);
      }
    }
    return all;
  }

  /** Contexts come from the blocks above and to the left, over the edges of macroblocks. */
  @Test
  void contextsAreThoseOfTheNeighbours() {
    int[][] factors = new int[Segments.COUNT][6];
    for (int[] steps : factors) {
      Arrays.setAll(steps, i -> 1 + random.nextInt(40));
    }
    BoolEncoder out = new BoolEncoder();
    Coded[][] frame = new Coded[MACROBLOCKS_HIGH][MACROBLOCKS_WIDE];
    CoefficientWriter.Edges edges = new CoefficientWriter.Edges(MACROBLOCKS_WIDE);
    for (Coded[] row : frame) {
      edges.startRow();
      for (int x = 0; x < row.length; x++) {
        row[x] = coded();
        edges.at(x);
        if (row[x].skipped()) {
          edges.skip(row[x].subblocks());
        } else {
          writer.macroblock(
              out, edges, row[x].subblocks() ? null : row[x].second(), row[x].blocks());
        }
      }
    }
    BoolDecoder in = out.reader();
    CoefficientParser parser =
        new CoefficientParser(header(writer.probabilities(), factors), MACROBLOCKS_WIDE);
    for (int y = 0; y < MACROBLOCKS_HIGH; y++) {
      parser.startRow();
      for (int x = 0; x < MACROBLOCKS_WIDE; x++) {
        Coded coded = frame[y][x];
        Macroblock block = new Macroblock();
        block.skipped = coded.skipped();
        block.subblocks = coded.subblocks();
        block.segment = (x + y) % Segments.COUNT;
        boolean any = parser.parse(in, x, block);
        short[] expected = expected(coded, factors[block.segment]);
        if (coded.skipped()) {
          assertThat(any).isFalse();
          assertThat(block.contents).containsOnly(Macroblock.NOTHING);
        } else {
          assertThat(block.coefficients).as("macroblock %d, %d", x, y).isEqualTo(expected);
          assertContents(block);
        }
      }
    }
    assertThat(in.damaged()).isFalse();
  }

  /** What is said of a block leaves no coefficient out. */
  private static void assertContents(Macroblock block) {
    for (int i = 0; i < Macroblock.BLOCKS; i++) {
      for (int k = 0; k < 16; k++) {
        int least = k == 0 ? Macroblock.FIRST_ONLY : k == 1 || k == 4 ? Macroblock.FIRST_THREE : 3;
        if (block.coefficients[16 * i + k] != 0) {
          assertThat((int) block.contents[i]).isGreaterThanOrEqualTo(least);
        }
      }
    }
  }
}
