package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * What was predicted from pixels above and to the left was subtracted (RFC 9649, section 3.5.1).
 * For one image.
 */
final class PredictorTransform implements RowTransform {
  private static final int BLACK = 0xff000000;

  private final int[] modes; // of each block, in green
  private final int bits;
  private final int width;
  private final int[] above; // the row above, and then the first pixel of the current one

  /**
   * Prepares for an image.
   *
   * @param modes predictors of blocks, in green, row by row
   * @param bits sides of blocks are 2 to the power of this
   */
  PredictorTransform(int[] modes, int bits, int width) {
    this.modes = modes;
    this.bits = bits;
    this.width = width;
    above = new int[width + 1];
  }

  @Override
  public void undo(int y, int[] row) {
    if (y == 0) {
      row[0] = RowTransform.add(row[0], BLACK);
      for (int x = 1; x < width; x++) {
        row[x] = RowTransform.add(row[x], row[x - 1]);
      }
    } else {
      row[0] = RowTransform.add(row[0], above[0]);
      above[width] = row[0];
      int block = (y >> bits) * RowTransform.blocks(width, bits);
      for (int x = 1; x < width; ) {
        int end = Math.min(width, ((x >> bits) + 1) << bits);
        undo(row, x, end, modes[block++] >> 8 & 15);
        x = end;
      }
    }
    System.arraycopy(row, 0, above, 0, width);
  }

  private void undo(int[] row, int from, int to, int mode) {
    int left = row[from - 1];
    int aboveLeft = above[from - 1];
    int middle = above[from];
    for (int x = from; x < to; x++) {
      int aboveRight = above[x + 1];
      left = RowTransform.add(row[x], predict(mode, left, middle, aboveLeft, aboveRight));
      row[x] = left;
      aboveLeft = middle;
      middle = aboveRight;
    }
  }

  /** Left, top, top-left and top-right pixels, in the specification's words. */
  private static int predict(int mode, int l, int t, int tl, int tr) {
    return switch (mode) {
      case 1 -> l;
      case 2 -> t;
      case 3 -> tr;
      case 4 -> tl;
      case 5 -> mean(mean(l, tr), t);
      case 6 -> mean(l, tl);
      case 7 -> mean(l, t);
      case 8 -> mean(tl, t);
      case 9 -> mean(t, tr);
      case 10 -> mean(mean(l, tl), mean(t, tr));
      case 11 -> select(l, t, tl);
      case 12 -> full(l, t, tl);
      case 13 -> half(mean(l, t), tl);
      default -> BLACK;
    };
  }

  /** Rounded down, in each channel. */
  private static int mean(int a, int b) {
    return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b);
  }

  /** Left or top, whichever is nearer to left plus top minus top-left. */
  private static int select(int l, int t, int tl) {
    int toLeft = 0;
    int toTop = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      int corner = tl >>> shift & 0xff;
      toLeft += Math.abs((t >>> shift & 0xff) - corner);
      toTop += Math.abs((l >>> shift & 0xff) - corner);
    }
    return toLeft < toTop ? l : t;
  }

  private static int full(int l, int t, int tl) {
    return pixel(Lanes.clip(lanes(l) + lanes(t) - lanes(tl)));
  }

  /** The mean and half of its difference to the top-left, rounded towards 0. */
  private static int half(int mean, int tl) {
    long channels = lanes(mean);
    long difference = channels - lanes(tl) + 512 * Lanes.ONE;
    long negative = (difference >>> 9 & Lanes.ONE) ^ Lanes.ONE;
    long half = (difference + negative >>> 1 & 511 * Lanes.ONE) - 256 * Lanes.ONE;
    return pixel(Lanes.clip(channels + half));
  }

  /** Blue, red, green and alpha. */
  private static long lanes(int argb) {
    return argb & 0x00ff00ffL | (argb >>> 8 & 0x00ff00ffL) << 32;
  }

  private static int pixel(long lanes) {
    return (int) lanes | (int) (lanes >>> 24);
  }
}
