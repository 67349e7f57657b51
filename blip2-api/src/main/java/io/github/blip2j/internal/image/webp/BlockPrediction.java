package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * Predicts a macroblock's luma, or one of its chromas (RFC 6386, sections 12.2 and 12.3), eight
 * pixels at a time.
 */
final class BlockPrediction {
  private static final int STRIDE = WorkBlock.STRIDE;
  private static final long ALL = 0x0101_0101_0101_0101L; // times a byte, that byte eight times

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
    int value = mode == SubblockPrediction.DC ? mean(pixels, at, size, left, above) : 0;
    for (int x = at; x < at + size; x += 8) {
      switch (mode) {
        case SubblockPrediction.DC -> repeat(pixels, x, size, value * ALL);
        case SubblockPrediction.VERTICAL -> {
          repeat(pixels, x, size, Lanes.load(pixels, x - STRIDE));
        }
        case SubblockPrediction.HORIZONTAL -> horizontal(pixels, at, x - at, size);
        default -> trueMotion(pixels, at, x - at, size);
      }
    }
  }

  /** Eight columns whose rows are all the same. */
  private static void repeat(byte[] pixels, int at, int size, long row) {
    for (int p = at; p < at + size * STRIDE; p += STRIDE) {
      Lanes.store(pixels, p, row);
    }
  }

  private static void horizontal(byte[] pixels, int at, int x, int size) {
    for (int p = at; p < at + size * STRIDE; p += STRIDE) {
      Lanes.store(pixels, p + x, (pixels[p - 1] & 0xff) * ALL);
    }
  }

  /** Left plus above minus the corner, clipped. */
  private static void trueMotion(byte[] pixels, int at, int x, int size) {
    long above = Lanes.load(pixels, at + x - STRIDE);
    long even = above & Lanes.BYTES;
    long odd = above >>> 8 & Lanes.BYTES;
    int corner = pixels[at - STRIDE - 1] & 0xff;
    for (int p = at; p < at + size * STRIDE; p += STRIDE) {
      long change = ((pixels[p - 1] & 0xff) - corner) * Lanes.ONE;
      Lanes.store(pixels, p + x, Lanes.clip(even + change) | Lanes.clip(odd + change) << 8);
    }
  }

  private static int mean(byte[] pixels, int at, int size, boolean left, boolean above) {
    int sum = 0;
    for (int i = 0; left && i < size; i++) {
      sum += pixels[at - 1 + i * STRIDE] & 0xff;
    }
    for (int i = 0; above && i < size; i += 8) {
      sum += sum(Lanes.load(pixels, at - STRIDE + i));
    }
    int count = left && above ? 2 * size : size;
    return left || above ? (sum + count / 2) / count : 128;
  }

  private static int sum(long eight) {
    long pairs = (eight & Lanes.BYTES) + (eight >>> 8 & Lanes.BYTES);
    return (int) (pairs * Lanes.ONE >>> 48);
  }
}
