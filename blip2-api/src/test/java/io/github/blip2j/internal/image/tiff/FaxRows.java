package io.github.blip2j.internal.image.tiff;

import io.github.blip2j.internal.image.BitsOut;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Codes rows of black and white as facsimile machines do (ITU-T T.4 and T.6), for tests of what
 * reads them. 1 is black.
 */
final class FaxRows {
  /** A code that a row begins with in group 3. */
  static final String END_OF_LINE = "000000000001";

  private static final String[] VERTICAL = {
    "0000010", "000010", "010", "1", "011", "000011", "0000011"
  };
  private static final String PASS = "0001";
  private static final String HORIZONTAL = "001";
  private static final int LONGEST_RUN = 2560;

  private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();

  private final BitsOut out = BitsOut.highestFirst();

  /** Adds zeros and ones as they are. */
  FaxRows code(String zerosAndOnes) {
    out.code(zerosAndOnes);
    return this;
  }

  /** Goes to the next byte. */
  FaxRows align() {
    out.align();
    return this;
  }

  /** Adds runs of white and black in turns. */
  FaxRows runs(int[] row) {
    boolean black = false;
    for (int x = 0; x < row.length; black = !black) {
      int to = changeAfter(row, x - 1, black);
      run(to - x, black);
      x = to;
    }
    return this;
  }

  /** Adds a row by what is different from the row above (T.4, 4.2.1.3.2). */
  FaxRows relative(int[] row, int[] above) {
    int a0 = -1;
    boolean black = false;
    while (a0 < row.length) {
      int a1 = changeAfter(row, a0, black);
      int b1 = oppositeAfter(above, a0, black);
      int b2 = changeAfter(above, b1, !black);
      if (b2 < a1) {
        out.code(PASS);
        a0 = b2;
      } else if (Math.abs(a1 - b1) <= 3) {
        out.code(VERTICAL[a1 - b1 + 3]);
        a0 = a1;
        black = !black;
      } else {
        int a2 = changeAfter(row, a1, !black);
        out.code(HORIZONTAL);
        run(a1 - Math.max(0, a0), black);
        run(a2 - a1, !black);
        a0 = a2;
      }
    }
    return this;
  }

  byte[] toBytes() {
    return out.toBytes();
  }

  /** The first pixel behind x that is not of the colour; the width if there is none. */
  private static int changeAfter(int[] row, int x, boolean black) {
    int at = Math.min(x + 1, row.length);
    while (at < row.length && row[at] == (black ? 1 : 0)) {
      at++;
    }
    return at;
  }

  /** The first pixel behind x at which the row turns from the colour to the other. */
  private static int oppositeAfter(int[] row, int x, boolean black) {
    int color = black ? 1 : 0;
    for (int at = x + 1; at < row.length; at++) {
      int before = at == 0 ? 0 : row[at - 1];
      if (row[at] != color && before == color) {
        return at;
      }
    }
    return row.length;
  }

  private void run(int length, boolean black) {
    int left = length;
    while (left >= LONGEST_RUN + 64) {
      out.code(of(LONGEST_RUN, black));
      left -= LONGEST_RUN;
    }
    if (left >= 64) {
      out.code(of(left / 64 * 64, black));
    }
    out.code(of(left % 64, black));
  }

  /** The code of a run that has one of its own: up to 63, or a multiple of 64 up to 2560. */
  static String of(int run, boolean black) {
    return KNOWN.computeIfAbsent(run + " " + black, key -> found(run, black));
  }

  private static String found(int run, boolean black) {
    FaxCodes codes = FaxCodes.of(black);
    for (int next = 0; next < 1 << FaxCodes.LONGEST; next++) {
      if (codes.bits(next) > 0 && codes.run(next) == run) {
        String all = Integer.toBinaryString(1 << FaxCodes.LONGEST | next).substring(1);
        return all.substring(0, codes.bits(next));
      }
    }
    throw new AssertionError("no code of " + run);
  }
}
