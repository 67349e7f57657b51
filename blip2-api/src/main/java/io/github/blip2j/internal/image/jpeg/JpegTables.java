package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegScan.Table;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The tables that segments define and later segments may define anew (T.81, B.2.4). They outlive an
 * end of image before which there was no scan: such a beginning only defines tables.
 */
final class JpegTables {
  private static final int SLOTS = 4;
  private static final int ARITHMETIC_SLOTS = 16;
  private static final int LENGTHS = 16;
  private static final int MAX_SYMBOLS = 256;

  /** T.81, tables K.3 and K.4: how many codes of each length, then their symbols. */
  private static final String[] STANDARD_DC = {
    "00010501010101010100000000000000000102030405060708090a0b",
    "00030101010101010101010000000000000102030405060708090a0b"
  };

  /** Tables K.5 and K.6. */
  private static final String[] STANDARD_AC = {
    "0002010303020403050504040000017d01020300041105122131410613516107227114328191a108"
        + "2342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43444546474849"
        + "4a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798"
        + "999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2"
        + "e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
    "00020102040403040705040400010277000102031104052131061241510761711322328108144291"
        + "a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748"
        + "494a535455565758595a636465666768696a737475767778797a82838485868788898a9293949596"
        + "9798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da"
        + "e2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
  };

  private final int[][] quantization = new int[SLOTS][]; // (slot, 64) in natural order
  private final Codes[] dc = new Codes[SLOTS];
  private final Codes[] ac = new Codes[SLOTS];
  private final int[] low = new int[ARITHMETIC_SLOTS];
  private final int[] high = new int[ARITHMETIC_SLOTS];
  private final int[] kx = new int[ARITHMETIC_SLOTS];

  JpegTables() {
    resetConditioning();
  }

  /** What a Huffman segment says; derived when a scan first uses it. */
  private static final class Codes {
    private final byte[] counts;
    private final byte[] symbols;
    private Table.@Nullable Huffman derived;

    Codes(byte[] counts, byte[] symbols) {
      this.counts = counts;
      this.symbols = symbols;
    }

    Table.Huffman table(boolean isDc) throws IOException {
      Table.Huffman known = derived;
      if (known == null) {
        known = new Table.Huffman(HuffmanTable.of(counts, symbols, isDc));
        derived = known;
      }
      return known;
    }
  }

  /** Forgets arithmetic conditioning, as a start of image does. */
  void resetConditioning() {
    Arrays.fill(low, 0);
    Arrays.fill(high, 1);
    Arrays.fill(kx, 5);
  }

  /** B.2.4.1. */
  void defineQuantization(Segment segment) throws IOException {
    while (segment.left() > 0) {
      int head = segment.read();
      int slot = slot(head & 15, SLOTS);
      int[] table = new int[CoefficientRow.SIZE];
      for (int k = 0; k < table.length; k++) {
        table[Zigzag.NATURAL[k]] = head >> 4 != 0 ? segment.readTwo() : segment.read();
      }
      quantization[slot] = table;
    }
  }

  /**
   * B.2.4.2. A few bytes behind the last table are too few for one more: damage, as libjpeg says.
   */
  void defineHuffman(Segment segment) throws IOException {
    while (segment.left() > 0) {
      int head = segment.read();
      byte[] counts = segment.read(LENGTHS);
      int sum = 0;
      for (byte count : counts) {
        sum += count & 0xff;
      }
      if (sum > MAX_SYMBOLS) {
        throw new IOException("Huffman table: expected at most 256 codes, found " + sum);
      }
      Codes codes = new Codes(counts, segment.read(sum));
      Codes[] kind = (head & 16) != 0 ? ac : dc;
      kind[slot(head & ~16, SLOTS)] = codes;
    }
  }

  /** B.2.4.3. */
  void defineConditioning(Segment segment) throws IOException {
    while (segment.left() > 0) {
      int head = segment.read();
      int value = segment.read();
      int slot = slot(head, 2 * ARITHMETIC_SLOTS) % ARITHMETIC_SLOTS;
      if (head >= ARITHMETIC_SLOTS) {
        kx[slot] = value;
      } else if ((value & 15) > value >> 4) {
        throw new IOException("arithmetic conditioning: L above U, found " + value);
      } else {
        low[slot] = value & 15;
        high[slot] = value >> 4;
      }
    }
  }

  private static int slot(int slot, int count) throws IOException {
    if (slot >= count) {
      throw new IOException("table: expected number 0 to " + (count - 1) + ", found " + slot);
    }
    return slot;
  }

  int[] quantization(int slot) throws IOException {
    int[] table = slot < SLOTS ? quantization[slot] : null;
    if (table == null) {
      throw new IOException("quantisation table " + slot + " is missing");
    }
    return table;
  }

  Table huffman(int slot, boolean isDc) throws IOException {
    Codes codes = slot < SLOTS ? (isDc ? dc : ac)[slot] : null;
    if (codes == null) {
      throw new IOException((isDc ? "DC" : "AC") + " Huffman table " + slot + " is missing");
    }
    return codes.table(isDc);
  }

  Table arithmetic(int slot, boolean isDc) {
    return new Table.Arithmetic(slot, low[slot], isDc ? high[slot] : kx[slot]);
  }

  /**
   * Puts the tables of T.81, annex K.3, where none are. Frames of motion JPEG leave them out
   * (jdhuff.c, jinit_huff_decoder).
   */
  void addStandardHuffman() {
    for (int slot = 0; slot < 2; slot++) {
      dc[slot] = dc[slot] != null ? dc[slot] : standard(STANDARD_DC[slot]);
      ac[slot] = ac[slot] != null ? ac[slot] : standard(STANDARD_AC[slot]);
    }
  }

  private static Codes standard(String digits) {
    byte[] table = HexFormat.of().parseHex(digits);
    return new Codes(
        Arrays.copyOf(table, LENGTHS), Arrays.copyOfRange(table, LENGTHS, table.length));
  }
}
