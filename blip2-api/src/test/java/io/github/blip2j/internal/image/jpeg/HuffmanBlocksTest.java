package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.jpeg.JpegScan.Band;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of coefficients come back from every way in which Huffman codes carry them. */
class HuffmanBlocksTest {
  private static final int BLOCKS = 400;
  private static final int SIZE = CoefficientRow.SIZE;
  private static final int SHORT_CODES = 8;

  private final SplittableRandom random = new SplittableRandom(10918);
  private final CoefficientRow row = new CoefficientRow(BLOCKS, 1);

  /** Blocks of no, few, many or all coefficients, small and large, in zigzag order. */
  private int[][] blocks(int largest) {
    int[][] blocks = new int[BLOCKS][SIZE];
    for (int[] block : blocks) {
      int kind = random.nextInt(6);
      int count = kind == 0 ? 0 : kind == 1 ? SIZE : random.nextInt(1, 12);
      for (int i = 0; i < count; i++) {
        int most = random.nextInt(4) == 0 ? largest : 3;
        block[kind == 1 ? i : random.nextInt(SIZE)] = random.nextInt(-most, most + 1);
      }
      block[0] = random.nextInt(-largest, largest + 1);
    }
    return blocks;
  }

  private void assertHeld(int[][] blocks) {
    for (int b = 0; b < BLOCKS; b++) {
      int[] found = new int[SIZE];
      long mask = 1; // of DC nothing is promised but that it may be there
      for (int k = 0; k < SIZE; k++) {
        found[k] = row.get(b, k);
        mask |= found[k] == 0 ? 0 : 1L << k;
      }
      assertThat(found).as("block %d", b).isEqualTo(blocks[b]);
      assertThat(row.masks[b] | 1).as("which may differ from 0").isEqualTo(mask);
    }
  }

  private void read(BlockDecoder decoder) throws IOException {
    for (int b = 0; b < BLOCKS; b++) {
      decoder.decode(0, row, b);
    }
    decoder.check();
  }

  private static SequentialBlocks sequential(HuffmanWriter writer) throws IOException {
    return new SequentialBlocks(
        writer.reader(),
        new HuffmanTable[] {writer.table(true)},
        new HuffmanTable[] {writer.table(false)});
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 10, 11, 16})
  void sequentialBlocksComeBack(int codeLength) throws IOException {
    int[][] blocks = blocks(1023);
    HuffmanWriter writer = new HuffmanWriter(codeLength);
    for (int[] block : blocks) {
      writer.sequential(block);
    }
    read(sequential(writer));
    assertHeld(blocks);
  }

  @Test
  void aRestartForgetsThePrediction() throws IOException {
    int[][] blocks = blocks(1023);
    HuffmanWriter writer = new HuffmanWriter(SHORT_CODES);
    for (int b = 0; b < BLOCKS; b++) {
      if (b > 0 && b % 7 == 0) {
        writer.restart();
      }
      writer.sequential(blocks[b]);
    }
    BlockDecoder decoder = sequential(writer);
    int restarts = 0;
    for (int b = 0; b < BLOCKS; b++) {
      if (b > 0 && b % 7 == 0) {
        decoder.restart(restarts++ & 7);
      }
      decoder.decode(0, row, b);
    }
    decoder.check();
    assertHeld(blocks);
  }

  /** Writes a scan, and reads it into the row. */
  private interface Scan {
    void write(HuffmanWriter writer, int[] block);
  }

  private void scan(int[][] blocks, Band band, int codeLength, Scan scan) throws IOException {
    HuffmanWriter writer = new HuffmanWriter(codeLength);
    for (int[] block : blocks) {
      scan.write(writer, block);
    }
    HuffmanTable[] tables = {writer.table(band.dc())};
    read(new ProgressiveBlocks(writer.reader(), tables, band, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 12, 16})
  void progressiveScansAddUpToTheBlocks(int codeLength) throws IOException {
    int[][] blocks = blocks(500);
    scan(blocks, new Band(0, 0, 0, 1), codeLength, (w, b) -> w.firstDc(b, 1));
    scan(blocks, new Band(1, 5, 0, 2), codeLength, (w, b) -> w.coefficients(b, 1, 5, 2));
    scan(blocks, new Band(6, 63, 0, 2), codeLength, (w, b) -> w.coefficients(b, 6, 63, 2));
    scan(blocks, new Band(1, 63, 2, 1), codeLength, (w, b) -> w.refine(b, 1, 63, 1));
    scan(blocks, new Band(0, 0, 1, 0), codeLength, (w, b) -> w.moreDc(b, 0));
    scan(blocks, new Band(1, 30, 1, 0), codeLength, (w, b) -> w.refine(b, 1, 30, 0));
    scan(blocks, new Band(31, 63, 1, 0), codeLength, (w, b) -> w.refine(b, 31, 63, 0));
    assertHeld(blocks);
  }

  /** Without the last bits a coefficient is the nearer to 0. */
  @Test
  void fewerScansAreTheSameLessPrecisely() throws IOException {
    int[][] blocks = blocks(500);
    scan(blocks, new Band(0, 0, 0, 2), SHORT_CODES, (w, b) -> w.firstDc(b, 2));
    scan(blocks, new Band(1, 63, 0, 3), SHORT_CODES, (w, b) -> w.coefficients(b, 1, 63, 3));
    scan(blocks, new Band(1, 63, 3, 2), SHORT_CODES, (w, b) -> w.refine(b, 1, 63, 2));
    for (int[] block : blocks) {
      block[0] = block[0] >> 2 << 2;
      for (int k = 1; k < SIZE; k++) {
        block[k] = block[k] / 4 * 4;
      }
    }
    assertHeld(blocks);
  }

  /** Blocks without anything in the band: one symbol for up to 32 767 of them. */
  @Test
  void emptyBlocksAreARun() throws IOException {
    int[][] blocks = new int[BLOCKS][SIZE];
    blocks[BLOCKS - 1][63] = 5;
    blocks[3][1] = -1;
    scan(blocks, new Band(1, 63, 0, 0), SHORT_CODES, (w, b) -> w.coefficients(b, 1, 63, 0));
    assertHeld(blocks);
  }

  @Test
  void aRestartEndsARunOfEmptyBlocks() throws IOException {
    HuffmanWriter writer = new HuffmanWriter(SHORT_CODES);
    int[] empty = new int[SIZE];
    int[] full = new int[SIZE];
    full[9] = 4;
    writer.coefficients(empty, 1, 63, 0);
    writer.coefficients(empty, 1, 63, 0);
    writer.restart();
    writer.coefficients(full, 1, 63, 0);
    HuffmanTable[] tables = {writer.table(false)};
    Band band = new Band(1, 63, 0, 0);
    ProgressiveBlocks decoder = new ProgressiveBlocks(writer.reader(), tables, band, 1);
    decoder.decode(0, row, 0); // the second empty block is never asked for
    decoder.restart(0);
    decoder.decode(0, row, 1);
    assertThat(row.get(1, 9)).isEqualTo(4);
  }

  @Test
  void aRefinementAddsOneBitAtATime() throws IOException {
    HuffmanWriter writer = new HuffmanWriter(SHORT_CODES);
    int[] block = new int[SIZE];
    block[5] = 2;
    writer.coefficients(block, 1, 63, 0); // a size of two where one is all that may be
    HuffmanTable[] tables = {writer.table(false)};
    ProgressiveBlocks decoder =
        new ProgressiveBlocks(writer.reader(), tables, new Band(1, 63, 1, 0), 1);
    assertThatThrownBy(() -> decoder.decode(0, row, 0))
        .hasMessage("a coefficient of more than one bit in a scan that refines");
  }

  @Test
  void blocksThatAreNotThereAreNoticed() throws IOException {
    HuffmanWriter writer = new HuffmanWriter(SHORT_CODES);
    for (int[] block : blocks(1023)) {
      writer.sequential(block);
    }
    BlockDecoder decoder = sequential(writer);
    read(decoder);
    decoder.decode(0, row, 0);
    decoder.decode(0, row, 0);
    assertThatThrownBy(decoder::check).hasMessage("the coded data of a scan end too early");
  }
}
