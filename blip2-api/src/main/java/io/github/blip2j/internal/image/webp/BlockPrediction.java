package io.github.blip2j.internal.image.webp;

import java.util.Arrays;

/** Predicts a macroblock's luma, or one of its chromas (RFC 6386, sections 12.2 and 12.3). */
final class BlockPrediction {
  private static final int STRIDE = WorkBlock.STRIDE;

  private BlockPrediction() {}

  /**
   * Predicts a square from the row above and the column to the left.
   *
   * @param size 16 or 8
   * @param mode one of the first four of {@link SubblockPrediction}
   * @param left whether the column to the left is inside the frame
   * @param above whether the row above is inside the frame
   */
  static void predict(byte[] pixels, int at, int size, int mode, boolean left, boolean above) {
    switch (mode) {
      case SubblockPrediction.DC -> fill(pixels, at, size, mean(pixels, at, size, left, above));
      case SubblockPrediction.TRUE_MOTION -> trueMotion(pixels, at, size);
      case SubblockPrediction.VERTICAL -> {
        for (int y = 0; y < size; y++) {
          System.arraycopy(pixels, at - STRIDE, pixels, at + y * STRIDE, size);
        }
      }
      default -> {
        for (int y = 0, p = at; y < size; y++, p += STRIDE) {
          Arrays.fill(pixels, p, p + size, pixels[p - 1]);
        }
      }
    }
  }

  /** Left plus above minus the corner, clipped; for 4x4 too. */
  static void trueMotion(byte[] pixels, int at, int size) {
    int corner = pixels[at - STRIDE - 1] & 0xff;
    for (int y = 0, p = at; y < size; y++, p += STRIDE) {
      int change = (pixels[p - 1] & 0xff) - corner;
      for (int x = 0; x < size; x++) {
        int value = (pixels[at - STRIDE + x] & 0xff) + change;
        pixels[p + x] = (byte) Math.max(0, Math.min(255, value));
      }
    }
  }

  private static int mean(byte[] pixels, int at, int size, boolean left, boolean above) {
    int sum = 0;
    for (int i = 0; left && i < size; i++) {
      sum += pixels[at - 1 + i * STRIDE] & 0xff;
    }
    for (int i = 0; above && i < size; i++) {
      sum += pixels[at - STRIDE + i] & 0xff;
    }
    int count = left && above ? 2 * size : size;
    return left || above ? (sum + count / 2) / count : 128;
  }

  private static void fill(byte[] pixels, int at, int size, int value) {
    for (int y = 0, p = at; y < size; y++, p += STRIDE) {
      Arrays.fill(pixels, p, p + size, (byte) value);
    }
  }
}
