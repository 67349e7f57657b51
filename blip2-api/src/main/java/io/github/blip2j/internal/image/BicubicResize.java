package io.github.blip2j.internal.image;

import io.github.blip2j.internal.image.raster.RgbImage;
import java.util.Arrays;

/**
 * Pillow's bicubic resize of 8-bit images, bit for bit.
 *
 * <p>Algorithm (libImaging/Resample.c, {@code ImagingResample} with {@code BICUBIC}): two passes,
 * horizontal first, rounded to bytes between them; a pass is skipped when its size does not change.
 * An image more than a hundred times as tall as wide is shortened first ({@code Image.resize}).
 * When shrinking, the kernel is stretched by the scale, which is the antialiasing. Kernels are
 * computed in double, normalised to sum 1, then rounded to 22 fraction bits; sums are int.
 *
 * <p>Without state, safe for any number of threads.
 */
final class BicubicResize {
  private static final int FRACTION_BITS = 22;
  private static final int HALF = 1 << (FRACTION_BITS - 1);
  private static final double A = -0.5;
  private static final int[] DONE = {};

  private BicubicResize() {}

  /**
   * Resizes an image, without regard to its aspect ratio.
   *
   * @param image (h, w, 3), unsigned bytes
   * @param width pixels wanted, at least 1
   * @param height rows wanted, at least 1
   * @return (height, width, 3); {@code image} itself when it has that size already
   * @throws IllegalArgumentException when width or height is less than 1
   */
  static RgbImage resize(RgbImage image, int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "width x height (" + width + "x" + height + ") must be at least 1x1");
    }
    if (image.height() > 100L * image.width() && height < image.height()) {
      RgbImage shorter = vertically(image, height);
      return width == image.width() ? shorter : horizontally(shorter, width);
    }
    if (width == image.width()) {
      return height == image.height() ? image : vertically(image, height);
    }
    return height == image.height() ? horizontally(image, width) : both(image, width, height);
  }

  /**
   * Both passes, row by row: what the first pass makes of the whole image would be very large for a
   * narrow and tall one. Sums are of integers, so that their order does not matter.
   */
  private static RgbImage both(RgbImage image, int width, int height) {
    Kernels across = Kernels.of(image.width(), width);
    Kernels down = Kernels.of(image.height(), height);
    byte[] line = new byte[3 * width];
    byte[] to = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    int[][] sums = new int[height][];
    int first = 0; // rows before it are done
    for (int y = 0; y < image.height(); y++) {
      row(image, y, across, line);
      for (int out = first; out < height && down.first[out] <= y; out++) {
        int tap = y - down.first[out];
        if (tap >= down.count[out]) {
          continue;
        }
        if (tap == 0) {
          sums[out] = new int[line.length];
          Arrays.fill(sums[out], HALF);
        }
        add(line, down.weights[out * down.stride + tap], sums[out]);
        if (tap == down.count[out] - 1) {
          finish(sums[out], to, out * line.length);
          sums[out] = DONE;
        }
      }
      while (first < height && sums[first] == DONE) {
        first++;
      }
    }
    return new RgbImage(width, height, to);
  }

  private static void add(byte[] line, int weight, int[] sums) {
    for (int i = 0; i < line.length; i++) {
      sums[i] += (line[i] & 0xff) * weight;
    }
  }

  private static void finish(int[] sums, byte[] to, int at) {
    for (int i = 0; i < sums.length; i++) {
      to[at + i] = level(sums[i]);
    }
  }

  private static RgbImage horizontally(RgbImage image, int width) {
    Kernels kernels = Kernels.of(image.width(), width);
    byte[] line = new byte[3 * width];
    byte[] to = new byte[Math.multiplyExact(line.length, image.height())];
    for (int y = 0; y < image.height(); y++) {
      row(image, y, kernels, line);
      System.arraycopy(line, 0, to, y * line.length, line.length);
    }
    return new RgbImage(width, image.height(), to);
  }

  private static void row(RgbImage image, int y, Kernels kernels, byte[] to) {
    byte[] from = image.rgb();
    int row = 3 * y * image.width();
    for (int x = 0, at = 0; at < to.length; x++, at += 3) {
      int weight = x * kernels.stride;
      int end = weight + kernels.count[x];
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      for (int i = row + 3 * kernels.first[x]; weight < end; weight++, i += 3) {
        int w = kernels.weights[weight];
        red += (from[i] & 0xff) * w;
        green += (from[i + 1] & 0xff) * w;
        blue += (from[i + 2] & 0xff) * w;
      }
      to[at] = level(red);
      to[at + 1] = level(green);
      to[at + 2] = level(blue);
    }
  }

  private static RgbImage vertically(RgbImage image, int height) {
    Kernels kernels = Kernels.of(image.height(), height);
    int row = 3 * image.width();
    byte[] from = image.rgb();
    byte[] to = new byte[Math.multiplyExact(row, height)];
    int[] sums = new int[row];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, HALF);
      for (int k = 0; k < kernels.count[y]; k++) {
        int w = kernels.weights[y * kernels.stride + k];
        int start = (kernels.first[y] + k) * row;
        for (int i = 0; i < row; i++) {
          sums[i] += (from[start + i] & 0xff) * w;
        }
      }
      for (int i = 0; i < row; i++) {
        to[y * row + i] = level(sums[i]);
      }
    }
    return new RgbImage(image.width(), height, to);
  }

  private static byte level(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> FRACTION_BITS));
  }

  /**
   * For each output position: the first input position it reads, how many, and their weights. Not a
   * record: arrays are read in the innermost loops.
   */
  private static final class Kernels {
    final int stride;
    final int[] first;
    final int[] count;
    final int[] weights; // (out, stride)

    private Kernels(int out, int stride) {
      this.stride = stride;
      this.first = new int[out];
      this.count = new int[out];
      this.weights = new int[Math.multiplyExact(out, stride)];
    }

    static Kernels of(int in, int out) {
      double scale = (double) in / out;
      double stretch = Math.max(scale, 1.0);
      double support = 2.0 * stretch;
      Kernels kernels = new Kernels(out, (int) Math.ceil(support) * 2 + 1);
      double[] kernel = new double[kernels.stride];
      for (int x = 0; x < out; x++) {
        double center = (x + 0.5) * scale;
        int first = Math.max(0, (int) (center - support + 0.5));
        int count = Math.min(in, (int) (center + support + 0.5)) - first;
        double sum = 0.0;
        for (int k = 0; k < count; k++) {
          kernel[k] = cubic((k + first - center + 0.5) * (1.0 / stretch));
          sum += kernel[k];
        }
        kernels.first[x] = first;
        kernels.count[x] = count;
        for (int k = 0; k < count; k++) {
          kernels.weights[x * kernels.stride + k] = fixed(sum == 0.0 ? kernel[k] : kernel[k] / sum);
        }
      }
      return kernels;
    }

    private static int fixed(double weight) {
      return (int) (weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5));
    }

    /** Keys' cubic convolution kernel, support 2. */
    private static double cubic(double distance) {
      double x = Math.abs(distance);
      if (x < 1.0) {
        return ((A + 2.0) * x - (A + 3.0)) * x * x + 1;
      }
      return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * A : 0.0;
    }
  }
}
