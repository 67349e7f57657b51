package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.BitsOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Codes blocks as T.81 has an encoder do it, sequentially (F.1.2) and progressively (G.1.2;
 * jcphuff.c), by tables whose codes all have one length. Blocks are in zigzag order.
 */
final class HuffmanWriter {
  private static final int LONGEST = 16;
  private static final int SYMBOLS = 255; // a code of all ones is none
  private static final int DC_SYMBOLS = 15;
  private static final int SIXTEEN_ZEROS = 0xf0;
  private static final int MOST_BLOCKS = 0x7fff; // of one run

  private final int length;
  private BitsOut out = BitsOut.highestFirst();
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
  private int restarts;
  private int prediction;
  private int emptyBlocks;
  private final List<Integer> corrections = new ArrayList<>(); // of the empty blocks

  /**
   * Begins.
   *
   * @param length of each code, 8 to 16
   */
  HuffmanWriter(int length) {
    this.length = length;
  }

  /** The table that reads it: code i is symbol i. */
  HuffmanTable table(boolean dc) throws IOException {
    byte[] counts = new byte[LONGEST];
    byte[] symbols = new byte[dc ? DC_SYMBOLS : SYMBOLS];
    counts[length - 1] = (byte) symbols.length;
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = (byte) i;
    }
    return HuffmanTable.of(counts, symbols, dc);
  }

  private void symbol(int symbol) {
    out.bits(symbol, length);
  }

  private static int size(int value) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(Math.abs(value));
  }

  private void value(int value) {
    int size = size(value);
    out.bits(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  private void difference(int dc) {
    int difference = dc - prediction;
    prediction = dc;
    symbol(size(difference));
    value(difference);
  }

  /** A whole block. */
  void sequential(int[] block) {
    difference(block[0]);
    coefficients(block, 1, CoefficientRow.SIZE - 1, 0);
    flush();
  }

  /** The first bits of DC. */
  void firstDc(int[] block, int low) {
    difference(block[0] >> low);
  }

  /** One more bit of DC. */
  void moreDc(int[] block, int low) {
    out.bits(block[0] >> low, 1);
  }

  /** The first bits of a band; what is behind the last one joins a run of empty blocks. */
  void coefficients(int[] block, int first, int last, int low) {
    int run = 0;
    for (int k = first; k <= last; k++) {
      int magnitude = Math.abs(block[k]) >> low;
      if (magnitude == 0) {
        run++;
        continue;
      }
      flush();
      for (; run > 15; run -= 16) {
        symbol(SIXTEEN_ZEROS);
      }
      symbol(run << 4 | size(magnitude));
      value(block[k] < 0 ? -magnitude : magnitude);
      run = 0;
    }
    if (run > 0) {
      empty(List.of());
    }
  }

  /** One more bit of a band. */
  void refine(int[] block, int first, int last, int low) {
    int lastNew = -1;
    for (int k = first; k <= last; k++) {
      lastNew = Math.abs(block[k]) >> low == 1 ? k : lastNew;
    }
    List<Integer> bits = new ArrayList<>();
    int run = 0;
    for (int k = first; k <= last; k++) {
      int magnitude = Math.abs(block[k]) >> low;
      if (magnitude == 0) {
        run++;
        continue;
      }
      for (; run > 15 && k <= lastNew; run -= 16) {
        flush();
        symbol(SIXTEEN_ZEROS);
        bits = written(bits);
      }
      if (magnitude > 1) {
        bits.add(magnitude & 1);
      } else {
        flush();
        symbol(run << 4 | 1);
        out.bits(block[k] < 0 ? 0 : 1, 1);
        bits = written(bits);
        run = 0;
      }
    }
    if (run > 0 || !bits.isEmpty()) {
      empty(bits);
    }
  }

  private List<Integer> written(List<Integer> bits) {
    bits.forEach(bit -> out.bits(bit, 1));
    return new ArrayList<>();
  }

  private void empty(List<Integer> bits) {
    emptyBlocks++;
    corrections.addAll(bits);
    if (emptyBlocks == MOST_BLOCKS) {
      flush();
    }
  }

  /** Writes the run of empty blocks. */
  void flush() {
    if (emptyBlocks > 0) {
      int size = size(emptyBlocks) - 1;
      symbol(size << 4);
      out.bits(emptyBlocks, size);
      emptyBlocks = 0;
      written(corrections);
      corrections.clear();
    }
  }

  /** Puts a restart marker. */
  void restart() {
    flush();
    finishPart();
    parts.write(0xff);
    parts.write(0xd0 + restarts++ % 8);
    prediction = 0;
  }

  private void finishPart() {
    for (byte value : out.toBytes()) {
      parts.write(value);
      if (value == (byte) 0xff) {
        parts.write(0);
      }
    }
    out = BitsOut.highestFirst();
  }

  /** Reads what was written so far. */
  EntropyBits reader() {
    flush();
    finishPart();
    byte[] coded = parts.toByteArray();
    return new EntropyBits(coded, 0, coded.length);
  }
}
