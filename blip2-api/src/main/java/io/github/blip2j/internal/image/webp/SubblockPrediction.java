package io.github.blip2j.internal.image.webp;

import java.util.Arrays;

/**
 * Predicts 4x4 luma pixels (RFC 6386, section 12.3) from the thirteen around them: L K J I to the
 * left from below, the corner P, and A to H above and to the right.
 *
 * <pre>
 *   P A B C D E F G H
 *   I . . . .
 *   J . . . .
 *   K . . . .
 *   L . . . .
 * </pre>
 *
 * <p>Taken in the order L K J I P A to H, all slanted modes are means of two or three neighbours.
 */
final class SubblockPrediction {
  static final int DC = 0;
  static final int TRUE_MOTION = 1;
  static final int VERTICAL = 2;
  static final int HORIZONTAL = 3;
  static final int DOWN_RIGHT = 4;
  static final int VERTICAL_RIGHT = 5;
  static final int DOWN_LEFT = 6;
  static final int VERTICAL_LEFT = 7;
  static final int HORIZONTAL_DOWN = 8;
  static final int HORIZONTAL_UP = 9;
  static final int MODES = 10;

  private static final int STRIDE = WorkBlock.STRIDE;

  private SubblockPrediction() {}

  /** Predicts one subblock. */
  static void predict(byte[] pixels, int at, int mode) {
    switch (mode) {
      case DC -> mean(pixels, at);
      case TRUE_MOTION -> BlockPrediction.trueMotion(pixels, at, 4);
      case VERTICAL -> vertical(pixels, at);
      case HORIZONTAL -> horizontal(pixels, at);
      case DOWN_RIGHT -> downRight(pixels, at);
      case VERTICAL_RIGHT -> verticalRight(pixels, at);
      case DOWN_LEFT -> downLeft(pixels, at);
      case VERTICAL_LEFT -> verticalLeft(pixels, at);
      case HORIZONTAL_DOWN -> horizontalDown(pixels, at);
      default -> horizontalUp(pixels, at);
    }
  }

  private static void mean(byte[] pixels, int at) {
    int sum = 4;
    for (int i = 0; i < 4; i++) {
      sum += above(pixels, at, i) + left(pixels, at, i);
    }
    for (int y = 0, p = at; y < 4; y++, p += STRIDE) {
      Arrays.fill(pixels, p, p + 4, (byte) (sum >> 3));
    }
  }

  private static void vertical(byte[] pixels, int at) {
    for (int x = 0; x < 4; x++) {
      byte value = three(above(pixels, at, x - 1), above(pixels, at, x), above(pixels, at, x + 1));
      set(pixels, at, x, 0, value);
      set(pixels, at, x, 1, value);
      set(pixels, at, x, 2, value);
      set(pixels, at, x, 3, value);
    }
  }

  private static void horizontal(byte[] pixels, int at) {
    for (int y = 0; y < 4; y++) {
      int below = left(pixels, at, Math.min(3, y + 1));
      byte value = three(left(pixels, at, y - 1), left(pixels, at, y), below);
      Arrays.fill(pixels, at + y * STRIDE, at + y * STRIDE + 4, value);
    }
  }

  private static void downRight(byte[] pixels, int at) {
    for (int i = -3; i <= 3; i++) { // diagonals, x - y
      byte value = three(edge(pixels, at, i - 1), edge(pixels, at, i), edge(pixels, at, i + 1));
      for (int y = Math.max(0, -i); y < Math.min(4, 4 - i); y++) {
        set(pixels, at, y + i, y, value);
      }
    }
  }

  private static void downLeft(byte[] pixels, int at) {
    for (int i = 0; i <= 6; i++) { // diagonals, x + y
      int last = above(pixels, at, Math.min(7, i + 2));
      byte value = three(above(pixels, at, i), above(pixels, at, i + 1), last);
      for (int y = Math.max(0, i - 3); y <= Math.min(3, i); y++) {
        set(pixels, at, i - y, y, value);
      }
    }
  }

  private static void verticalRight(byte[] pixels, int at) {
    for (int x = 0; x < 4; x++) {
      byte even = two(edge(pixels, at, x), edge(pixels, at, x + 1));
      byte odd = three(edge(pixels, at, x - 1), edge(pixels, at, x), edge(pixels, at, x + 1));
      set(pixels, at, x, 0, even);
      set(pixels, at, x, 1, odd);
      if (x < 3) {
        set(pixels, at, x + 1, 2, even);
        set(pixels, at, x + 1, 3, odd);
      }
    }
    set(pixels, at, 0, 2, three(edge(pixels, at, -2), edge(pixels, at, -1), edge(pixels, at, 0)));
    set(pixels, at, 0, 3, three(edge(pixels, at, -3), edge(pixels, at, -2), edge(pixels, at, -1)));
  }

  private static void verticalLeft(byte[] pixels, int at) {
    for (int x = 0; x < 4; x++) {
      byte even = two(above(pixels, at, x), above(pixels, at, x + 1));
      byte odd = three(above(pixels, at, x), above(pixels, at, x + 1), above(pixels, at, x + 2));
      set(pixels, at, x, 0, even);
      set(pixels, at, x, 1, odd);
      if (x > 0) {
        set(pixels, at, x - 1, 2, even);
        set(pixels, at, x - 1, 3, odd);
      }
    }
    // The last two break the pattern (section 12.3).
    set(pixels, at, 3, 2, three(above(pixels, at, 4), above(pixels, at, 5), above(pixels, at, 6)));
    set(pixels, at, 3, 3, three(above(pixels, at, 5), above(pixels, at, 6), above(pixels, at, 7)));
  }

  private static void horizontalDown(byte[] pixels, int at) {
    for (int y = 0; y < 4; y++) {
      byte even = two(edge(pixels, at, -y), edge(pixels, at, -y - 1));
      byte odd = three(edge(pixels, at, -y + 1), edge(pixels, at, -y), edge(pixels, at, -y - 1));
      set(pixels, at, 0, y, even);
      set(pixels, at, 1, y, odd);
      if (y < 3) {
        set(pixels, at, 2, y + 1, even);
        set(pixels, at, 3, y + 1, odd);
      }
    }
    set(pixels, at, 2, 0, three(edge(pixels, at, 0), edge(pixels, at, 1), edge(pixels, at, 2)));
    set(pixels, at, 3, 0, three(edge(pixels, at, 1), edge(pixels, at, 2), edge(pixels, at, 3)));
  }

  private static void horizontalUp(byte[] pixels, int at) {
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        int step = 2 * y + x;
        int from = left(pixels, at, Math.min(3, step >> 1));
        int next = left(pixels, at, Math.min(3, (step >> 1) + 1));
        int last = left(pixels, at, Math.min(3, (step >> 1) + 2));
        set(pixels, at, x, y, step % 2 == 0 ? two(from, next) : three(from, next, last));
      }
    }
  }

  /** Around the corner: 0 is P, 1 to 8 are A to H, -1 to -4 are I to L. */
  private static int edge(byte[] pixels, int at, int i) {
    return i >= 0 ? above(pixels, at, i - 1) : left(pixels, at, -i - 1);
  }

  /** -1 is P, 0 to 7 are A to H. */
  private static int above(byte[] pixels, int at, int x) {
    return pixels[at - STRIDE + x] & 0xff;
  }

  /** -1 is P, 0 to 3 are I to L. */
  private static int left(byte[] pixels, int at, int y) {
    return pixels[at - 1 + y * STRIDE] & 0xff;
  }

  private static byte two(int a, int b) {
    return (byte) (a + b + 1 >> 1);
  }

  private static byte three(int a, int b, int c) {
    return (byte) (a + 2 * b + c + 2 >> 2);
  }

  private static void set(byte[] pixels, int at, int x, int y, byte value) {
    pixels[at + y * STRIDE + x] = value;
  }
}
