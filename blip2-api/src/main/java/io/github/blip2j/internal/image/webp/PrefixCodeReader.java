package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import java.util.Arrays;

/** Reads the lengths of prefix codes (RFC 9649, section 3.7.2.1). */
final class PrefixCodeReader {
  private static final int[] ORDER = {
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  };

  /** A length before any other has been read. */
  private static final int DEFAULT_LENGTH = 8;

  private final BitReader in;
  private final int[] lengths;
  private final int[] lengthLengths = new int[ORDER.length];

  /** Prepares for codes of at most this many symbols. */
  PrefixCodeReader(BitReader in, int symbols) {
    this.in = in;
    lengths = new int[Math.max(symbols, 256)];
  }

  /** Reads one code. */
  PrefixCode read(int symbols) throws IOException {
    Arrays.fill(lengths, 0);
    if (in.read(1) == 1) {
      simple();
    } else {
      normal(symbols);
    }
    in.check();
    return PrefixCode.of(lengths, symbols);
  }

  private void simple() {
    boolean two = in.read(1) == 1;
    int bits = in.read(1) == 1 ? 8 : 1;
    lengths[in.read(bits)] = 1;
    if (two) {
      lengths[in.read(8)] = 1;
    }
  }

  private void normal(int symbols) throws IOException {
    Arrays.fill(lengthLengths, 0);
    int count = 4 + in.read(4);
    for (int i = 0; i < count; i++) {
      lengthLengths[ORDER[i]] = in.read(3);
    }
    PrefixCode code = PrefixCode.of(lengthLengths, lengthLengths.length);
    int left = in.read(1) == 1 ? limit(symbols) : symbols; // lengths and repetitions to read
    int previous = DEFAULT_LENGTH;
    for (int symbol = 0; symbol < symbols && left > 0; left--) {
      int length = code.read(in);
      if (length < 16) {
        lengths[symbol++] = length;
        previous = length == 0 ? previous : length;
        continue;
      }
      int repeat =
          switch (length) {
            case 16 -> 3 + in.read(2);
            case 17 -> 3 + in.read(3);
            default -> 11 + in.read(7);
          };
      if (symbol + repeat > symbols) {
        throw new IOException("VP8L: expected " + symbols + " lengths of codes, found more");
      }
      Arrays.fill(lengths, symbol, symbol + repeat, length == 16 ? previous : 0);
      symbol += repeat;
    }
  }

  private int limit(int symbols) throws IOException {
    int bits = 2 + 2 * in.read(3);
    int limit = 2 + in.read(bits);
    if (limit > symbols) {
      throw new IOException("VP8L: expected at most " + symbols + " lengths, found " + limit);
    }
    return limit;
  }
}
