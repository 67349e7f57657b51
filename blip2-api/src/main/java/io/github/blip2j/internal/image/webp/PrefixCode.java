package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import java.util.Arrays;

/**
 * A prefix code (RFC 9649, section 3.7.2). The first bits of a symbol are looked up in a table; the
 * rare symbols with more bits are found by their length.
 */
final class PrefixCode {
  static final int MAX_LENGTH = 15;

  private static final int TABLE_BITS = 9;
  private static final int LONGER = 15; // the length in the table of symbols that are not in it

  private final char[] table; // symbol << 4 | length, by the next bits
  private final char[] longer; // symbols of more bits, by length and then value
  private final int[] counts; // of symbols of each length
  private final int firstLonger; // code of the first symbol of TABLE_BITS + 1 bits

  private PrefixCode(char[] table, char[] longer, int[] counts, int firstLonger) {
    this.table = table;
    this.longer = longer;
    this.counts = counts;
    this.firstLonger = firstLonger;
  }

  /**
   * Builds a code.
   *
   * @param lengths of each symbol's code, 0 to 15, 0 where it has none
   * @throws IOException when the lengths leave codes over, or are too many; one symbol alone may
   *     have any length, and takes no bits
   */
  static PrefixCode of(int[] lengths, int symbols) throws IOException {
    int[] counts = new int[MAX_LENGTH + 1];
    int used = 0;
    int last = 0;
    for (int i = 0; i < symbols; i++) {
      if (lengths[i] > 0) {
        counts[lengths[i]]++;
        used++;
        last = i;
      }
    }
    if (used == 1) {
      return new PrefixCode(new char[] {(char) (last << 4)}, new char[0], counts, 0);
    }
    checkComplete(counts);
    return build(lengths, symbols, counts);
  }

  private static void checkComplete(int[] counts) throws IOException {
    int open = 1;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      open = 2 * open - counts[length];
      if (open < 0) {
        throw new IOException("VP8L: expected a prefix code, found too many codes");
      }
    }
    if (open != 0) {
      throw new IOException("VP8L: expected a prefix code, found codes without a symbol");
    }
  }

  private static PrefixCode build(int[] lengths, int symbols, int[] counts) {
    int longest = MAX_LENGTH;
    while (counts[longest] == 0) {
      longest--;
    }
    int bits = Math.min(TABLE_BITS, longest);
    int[] next = new int[MAX_LENGTH + 2]; // code of the next symbol of each length
    int[] place = new int[MAX_LENGTH + 2]; // its place among the longer ones
    for (int length = 1; length <= MAX_LENGTH; length++) {
      next[length + 1] = next[length] + counts[length] << 1;
      place[length + 1] = place[length] + (length > bits ? counts[length] : 0);
    }
    int firstLonger = next[bits + 1];
    char[] table = new char[1 << bits];
    Arrays.fill(table, (char) LONGER);
    char[] longer = new char[place[MAX_LENGTH + 1]];
    for (int symbol = 0; symbol < symbols; symbol++) {
      int length = lengths[symbol];
      if (length > bits) {
        longer[place[length]++] = (char) symbol;
      } else if (length > 0) {
        int first = Integer.reverse(next[length]++) >>> 32 - length;
        for (int i = first; i < table.length; i += 1 << length) {
          table[i] = (char) (symbol << 4 | length);
        }
      }
    }
    return new PrefixCode(table, longer, counts, firstLonger);
  }

  /** Bytes that the tables take. */
  int size() {
    return 2 * (table.length + longer.length) + 4 * counts.length;
  }

  /** Whether there is one symbol only, which takes no bits. */
  boolean single() {
    return table.length == 1;
  }

  /** Finds the next symbol: {@code symbol << 4 | bits}. */
  int find(long bits) {
    int entry = table[(int) bits & table.length - 1];
    return (entry & 15) == LONGER ? findLonger((int) bits) : entry;
  }

  /** Canonical codes of one length are consecutive numbers, whose highest bit comes first. */
  private int findLonger(int bits) {
    int length = TABLE_BITS;
    int code = Integer.reverse(bits) >>> (32 - TABLE_BITS);
    int first = firstLonger;
    int at = 0;
    while (true) {
      code = code << 1 | bits >>> length & 1;
      length++;
      if (code - first < counts[length]) {
        return longer[at + code - first] << 4 | length;
      }
      at += counts[length];
      first = (first + counts[length]) << 1;
    }
  }

  /** Reads a symbol. */
  int read(BitReader in) {
    int found = find(in.peek());
    in.skip(found & 15);
    return found >>> 4;
  }
}
