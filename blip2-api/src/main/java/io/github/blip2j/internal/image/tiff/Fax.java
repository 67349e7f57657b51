package io.github.blip2j.internal.image.tiff;

import java.util.Arrays;

/**
 * Facsimile rows (ITU-T T.4 and T.6): 1 is black. As in libtiff (tif_fax3.c), a row that goes wrong
 * ends there and is white from there on, and rows behind the end of the data are white. For one
 * thread.
 */
final class Fax implements BlockBytes {
  /** How rows are coded. */
  enum Mode {
    /** Modified Huffman: one-dimensional, each row at a byte. */
    RUNS,
    /** Group 3: an end-of-line code in front of each row. */
    GROUP3,
    /** Group 3, of two dimensions: a bit behind each end-of-line says which kind the row is. */
    GROUP3_2D,
    /** Group 4. */
    GROUP4
  }

  private static final int FEW = 256; // places for changes to begin with: two stay behind them
  private static final int ZEROS = 11; // in front of the one of an end-of-line code, at least
  private static final int PASS = 0;
  private static final int HORIZONTAL = 1;
  private static final int WRONG = 2;
  private static final int VERTICAL = 10; // 7 to 13: three to the left to three to the right

  private final Block block;
  private final Mode mode;
  private final int width;
  private long at; // in bits
  private int[] above; // where the colour changes in the row above
  private int[] changes;
  private int count;
  private boolean begun;
  private boolean over;

  Fax(Block block, Mode mode, int width) {
    this.block = block;
    this.mode = mode;
    this.width = width;
    this.above = new int[Math.min(width + 4, FEW)];
    this.changes = new int[above.length];
    Arrays.fill(above, width);
  }

  @Override
  public void read(byte[] target, int length) {
    count = 0;
    boolean two = !over && start();
    if (!over) {
      if (two) {
        twoDimensional();
      } else {
        oneDimensional();
      }
    }
    Arrays.fill(changes, count, changes.length, width);
    Arrays.fill(target, 0, length, (byte) 0);
    for (int i = 0; i + 1 < changes.length && changes[i] < width; i += 2) {
      blacken(target, changes[i], changes[i + 1]);
    }
    int[] spare = above;
    above = changes;
    changes = spare;
  }

  /** Goes to where a row begins; true when it refers to the row above. */
  private boolean start() {
    if (mode == Mode.GROUP4) {
      over |= at >= 8L * block.length() || peek(12) == 1; // end of block
      return true;
    }
    if (mode == Mode.RUNS) {
      at = at + 7 & ~7L;
      over |= at >= 8L * block.length();
      return false;
    }
    long end = 8L * block.length();
    long line = at;
    for (int next = 1; line < end && next != 0; ) { // what is left of a row that went wrong
      next = bits(line, ZEROS);
      line += next == 0 ? 0 : ZEROS - Integer.numberOfTrailingZeros(next);
    }
    for (int next = 0; line + ZEROS < end && next == 0; ) { // fill
      next = bits(line + ZEROS, 16);
      line += Math.min(16, Integer.numberOfLeadingZeros(next) - 16);
    }
    if (line + ZEROS + 1 > end) {
      over |= at >= end || begun; // only the first row may do without a code
      begun = true;
      return false;
    }
    begun = true;
    at = line + ZEROS + 1;
    boolean two = mode == Mode.GROUP3_2D && peek(1) == 0;
    at += mode == Mode.GROUP3_2D ? 1 : 0;
    return two;
  }

  private void oneDimensional() {
    int x = 0;
    boolean black = false;
    while (x < width) {
      int run = run(black);
      if (run < 0) {
        return;
      }
      x = Math.min(width, x + run);
      change(x);
      black = !black;
    }
  }

  private void twoDimensional() {
    int x = 0;
    int b = 0; // index of the first change above that is right of x and to the other colour
    boolean black = false;
    while (x < width) {
      int code = code();
      if (code == WRONG) {
        return;
      }
      b = next(b, x, black, x == 0 && count == 0);
      if (code == PASS) {
        x = above[Math.min(b + 1, above.length - 1)];
      } else if (code == HORIZONTAL) {
        int first = run(black);
        int second = first < 0 ? -1 : run(!black);
        if (second < 0) {
          return;
        }
        change(Math.min(width, x + first));
        x = Math.min(width, x + first + second);
        change(x);
      } else {
        int to = above[b] + code - VERTICAL;
        if (to < x || to > width) {
          return;
        }
        x = to;
        change(x);
        black = !black;
      }
    }
  }

  private int next(int from, int x, boolean black, boolean start) {
    int b = Math.max(0, from - 2);
    b += (b & 1) == (black ? 1 : 0) ? 0 : 1;
    while (b + 2 < above.length && above[b] < width && (start ? above[b] < x : above[b] <= x)) {
      b += 2;
    }
    return b;
  }

  private void change(int x) {
    if (count == changes.length - 2 && count < width + 2) {
      changes = Arrays.copyOf(changes, (int) Math.min(width + 4L, 2L * changes.length));
    }
    if (count < changes.length - 2) {
      changes[count++] = x;
    }
  }

  /** The next mode code: PASS, HORIZONTAL, VERTICAL and a shift, or WRONG. */
  private int code() {
    int next = peek(7);
    if (next >> 6 == 1) {
      return skip(1, VERTICAL);
    }
    return switch (next >> 4) {
      case 3 -> skip(3, VERTICAL + 1);
      case 2 -> skip(3, VERTICAL - 1);
      case 1 -> skip(3, HORIZONTAL);
      default ->
          switch (next) {
            case 8, 9, 10, 11, 12, 13, 14, 15 -> skip(4, PASS);
            case 6, 7 -> skip(6, VERTICAL + 2);
            case 4, 5 -> skip(6, VERTICAL - 2);
            case 3 -> skip(7, VERTICAL + 3);
            case 2 -> skip(7, VERTICAL - 3);
            default -> WRONG;
          };
    };
  }

  private int skip(int bits, int result) {
    at += bits;
    return at > 8L * block.length() ? WRONG : result;
  }

  /** A run of one colour, −1 when there is none. */
  private int run(boolean black) {
    FaxCodes codes = FaxCodes.of(black);
    int sum = 0;
    while (true) {
      int next = peek(FaxCodes.LONGEST);
      int bits = codes.bits(next);
      if (bits == 0 || at + bits > 8L * block.length()) {
        return -1;
      }
      at += bits;
      sum = Math.min(width, sum + codes.run(next));
      if (codes.run(next) < 64) {
        return sum;
      }
    }
  }

  private int peek(int bits) {
    return bits(at, bits);
  }

  private int bits(long from, int bits) {
    int value = 0;
    int first = (int) (from >> 3);
    for (int i = first; i < first + 3; i++) {
      value = value << 8 | (i < block.length() ? block.at(i) : 0);
    }
    return value >> 24 - bits - (int) (from & 7) & (1 << bits) - 1;
  }

  private static void blacken(byte[] row, int from, int to) {
    for (int x = from; x < to; ) {
      if ((x & 7) == 0 && to - x >= 8) {
        row[x >> 3] = (byte) 255;
        x += 8;
      } else {
        row[x >> 3] |= (byte) (128 >> (x & 7));
        x++;
      }
    }
  }
}
