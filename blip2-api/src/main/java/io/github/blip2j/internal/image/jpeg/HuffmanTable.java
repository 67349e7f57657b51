package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;

/**
 * A Huffman table as a scan uses it.
 *
 * <p>Codes are looked up by the next {@value #LOOK} bits (jdhuff.c does the same with 8). Where
 * there is room behind the code for the bits of the coefficient itself, the table holds its value,
 * so that most coefficients take one look.
 *
 * <p>An entry, from its lowest bit: 5 bits, how many to drop; 4, the size of the coefficient that
 * still has to be read; 4, the run of zeros before it; bit 13, whether there is a value; from bit
 * 16, the value. 0 stands for a longer code.
 */
final class HuffmanTable {
  static final int LOOK = 10;
  static final int DROP = 31;
  static final int HAS_VALUE = 1 << 13;

  /** Has no codes. */
  static final HuffmanTable EMPTY = new HuffmanTable(new byte[0]);

  private static final int LONGEST = 16;

  final int[] look = new int[1 << LOOK];
  private final int[] last = new int[LONGEST + 1]; // by length: the largest code, -1 if none
  private final int[] offset = new int[LONGEST + 1]; // of a code's symbol from the code itself
  private final byte[] symbols;

  private HuffmanTable(byte[] symbols) {
    this.symbols = symbols;
  }

  /**
   * Derives a table (T.81, annex C; jdhuff.c, jpeg_make_d_derived_tbl).
   *
   * @param counts how many codes there are of each length, 1 to 16
   * @param symbols in the order of their codes
   * @param dc whether it codes DC differences, whose symbols are sizes of at most 15
   * @throws IOException when the counts are no prefix code
   */
  static HuffmanTable of(byte[] counts, byte[] symbols, boolean dc) throws IOException {
    HuffmanTable table = new HuffmanTable(symbols);
    int code = 0;
    int index = 0;
    for (int length = 1; length <= LONGEST; length++) {
      int count = counts[length - 1] & 0xff;
      table.last[length] = count == 0 ? -1 : code + count - 1;
      table.offset[length] = index - code;
      if (count > 0 && code + count > (1 << length) - 1) {
        throw new IOException("Huffman table: too many codes of " + length + " bits");
      }
      for (int i = 0; i < count; i++, code++, index++) {
        int symbol = symbols[index] & 0xff;
        if (dc && symbol > 15) {
          throw new IOException("Huffman table: expected a size of 0 to 15, found " + symbol);
        }
        if (length <= LOOK) {
          table.fill(code, length, symbol);
        }
      }
      code <<= 1;
    }
    return table;
  }

  private void fill(int code, int length, int symbol) {
    int rest = LOOK - length;
    int size = symbol & 15;
    int run = symbol >> 4;
    for (int i = 0; i < 1 << rest; i++) {
      int entry = run << 9 | size << 5 | length;
      if (size > 0 && size <= rest) {
        int value = extend(i >> (rest - size), size);
        entry = value << 16 | HAS_VALUE | run << 9 | (length + size);
      }
      look[code << rest | i] = entry;
    }
  }

  /**
   * Finds a code that is longer than {@value #LOOK} bits.
   *
   * @param bits the next bits, from the highest down
   * @return an entry without a value
   * @throws IOException when no code begins so
   */
  int longer(long bits) throws IOException {
    for (int length = LOOK + 1; length <= LONGEST; length++) {
      int code = (int) (bits >>> (64 - length));
      if (code <= last[length]) {
        int symbol = symbols[code + offset[length]] & 0xff;
        return (symbol >> 4) << 9 | (symbol & 15) << 5 | length;
      }
    }
    throw new IOException("no such Huffman code");
  }

  /** T.81, figure F.12: the signed value of a coefficient's {@code size} bits. */
  static int extend(int bits, int size) {
    return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
  }
}
