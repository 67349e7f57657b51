package io.github.blip2j.internal.image.webp;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Codes blocks by the tokens of RFC 6386, section 13, with probabilities of its own. */
final class CoefficientWriter {
  private static final int NODES = 11;
  private static final int CONTEXTS = 3;
  private static final int BANDS = 8;
  private static final int TYPES = 4;

  /** Section 13.3: the band of each position. */
  private static final int[] BAND = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7};

  /** Section 13.2: the least number of each category, and the probabilities of its extra bits. */
  private static final int[] LEAST = {5, 7, 11, 19, 35, 67};

  private static final int[][] EXTRA = {
    {159},
    {165, 145},
    {173, 148, 140},
    {176, 155, 140, 135},
    {180, 157, 141, 134, 130},
    {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  private final int[] probabilities = new int[TYPES * BANDS * CONTEXTS * NODES];

  CoefficientWriter(SplittableRandom random) {
    Arrays.setAll(probabilities, i -> random.nextInt(1, 256));
  }

  /** (type, band, context, node). */
  int[] probabilities() {
    return probabilities;
  }

  /**
   * Writes a block in zigzag order.
   *
   * @return whether it has a coefficient
   */
  boolean block(BoolEncoder out, int type, int first, int context, int[] block) {
    int last = first - 1;
    for (int i = first; i < 16; i++) {
      last = block[i] != 0 ? i : last;
    }
    int before = context;
    boolean afterZero = false;
    for (int i = first; i <= last; i++) {
      int p = ((type * BANDS + BAND[i]) * CONTEXTS + before) * NODES;
      if (!afterZero) {
        out.bit(1, probabilities[p]); // no end
      }
      int magnitude = Math.abs(block[i]);
      out.bit(magnitude == 0 ? 0 : 1, probabilities[p + 1]);
      if (magnitude > 0) {
        magnitude(out, p, magnitude);
        out.flag(block[i] < 0);
      }
      afterZero = magnitude == 0;
      before = Math.min(2, magnitude);
    }
    if (last < 15) {
      int p = ((type * BANDS + BAND[last + 1]) * CONTEXTS + before) * NODES;
      out.bit(0, probabilities[p]); // the end
    }
    return last >= first;
  }

  /** The tree of tokens: each node asks whether the number lies in its further branch. */
  private void magnitude(BoolEncoder out, int p, int number) {
    out.bit(number > 1 ? 1 : 0, probabilities[p + 2]);
    if (number > 1) {
      out.bit(number > 4 ? 1 : 0, probabilities[p + 3]);
    }
    if (number > 1 && number <= 4) {
      out.bit(number > 2 ? 1 : 0, probabilities[p + 4]);
      if (number > 2) {
        out.bit(number > 3 ? 1 : 0, probabilities[p + 5]);
      }
    } else if (number > 4) {
      category(out, p, number);
    }
  }

  private void category(BoolEncoder out, int p, int number) {
    int category = LEAST.length - 1;
    while (LEAST[category] > number) {
      category--;
    }
    out.bit(category > 1 ? 1 : 0, probabilities[p + 6]);
    if (category < 2) {
      out.bit(category, probabilities[p + 7]);
    } else {
      out.bit(category > 3 ? 1 : 0, probabilities[p + 8]);
      out.bit(category % 2, probabilities[p + (category > 3 ? 10 : 9)]);
    }
    int[] extra = EXTRA[category];
    int rest = number - LEAST[category];
    for (int i = 0; i < extra.length; i++) {
      out.bit(rest >> extra.length - 1 - i & 1, extra[i]);
    }
  }

  /** Which blocks above and to the left have coefficients, plane by plane. */
  static final class Edges {
    private static final int SECOND = 8; // behind luma's four and two of each chroma

    private final boolean[][] above;
    private final boolean[] left = new boolean[SECOND + 1];
    private int column;

    Edges(int columns) {
      above = new boolean[columns][SECOND + 1];
    }

    void startRow() {
      Arrays.fill(left, false);
    }

    void at(int x) {
      column = x;
    }

    private int context(int x, int y) {
      return (above[column][x] ? 1 : 0) + (left[y] ? 1 : 0);
    }

    private void set(int x, int y, boolean has) {
      above[column][x] = has;
      left[y] = has;
    }

    /** A macroblock without coefficients; one in subblocks says nothing of the second transform. */
    void skip(boolean subblocks) {
      for (int i = 0; i < (subblocks ? SECOND : SECOND + 1); i++) {
        set(i, i, false);
      }
    }
  }

  /**
   * Writes a macroblock.
   *
   * @param second coefficients of the second transform; none where luma is in subblocks
   * @param blocks 16 of luma, 4 of each chroma
   */
  void macroblock(BoolEncoder out, Edges edges, int @Nullable [] second, int[][] blocks) {
    if (second != null) {
      int context = edges.context(Edges.SECOND, Edges.SECOND);
      edges.set(Edges.SECOND, Edges.SECOND, block(out, 1, 0, context, second));
    }
    for (int i = 0; i < 16; i++) {
      int context = edges.context(i % 4, i / 4);
      boolean has = block(out, second == null ? 3 : 0, second == null ? 0 : 1, context, blocks[i]);
      edges.set(i % 4, i / 4, has);
    }
    for (int i = 16; i < 24; i++) {
      int plane = i < 20 ? 4 : 6;
      int x = plane + i % 2;
      int y = plane + i / 2 % 2;
      edges.set(x, y, block(out, 2, 0, edges.context(x, y), blocks[i]));
    }
  }
}
