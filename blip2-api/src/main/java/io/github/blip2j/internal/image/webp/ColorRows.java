package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * Makes red, green and blue of luma and two chromas of half the size, as libwebp does by default
 * (its {@code src/dsp/upsampling.c} and {@code yuv.h}): a pixel's chroma is 9/16 of the nearest
 * sample, 3/16 of each next one, and 1/16 of the one across, rounded in two steps, and colours are
 * computed in 14 bits of ITU-R BT.601.
 *
 * <p>Pixels come in pairs that share the nearest sample of chroma. A step of the arithmetic is done
 * for a whole row at a time, on arrays of ints without branches, each read and written at one index
 * only: such loops are turned into vector instructions. In all arrays pair x is at x + 1, between
 * doubled ends. For one thread.
 */
final class ColorRows {
  private static final int FOUR = 0x0004_0004; // a half, for both chromas

  private final Planes planes;
  private final int pairs; // as many as samples of chroma
  private int[] near; // a row of both chromas, 16 bits each
  private int[] far;
  private final int[] own; // what a sample counts for the pixels next to it, before rounding
  private final int[] other; // what it counts for those next to its neighbours
  private final int[] beside; // that of the neighbours, and then interpolated chromas
  private final int[] luma; // of each pair, 16 bits each
  private final int[] red;
  private final int[] green;
  private final int[] first; // of each pair, luma, then blue, then the whole colour
  private final int[] second;

  ColorRows(Planes planes) {
    this.planes = planes;
    pairs = (planes.width + 1) / 2;
    int length = pairs + 2;
    near = new int[length];
    far = new int[length];
    own = new int[length];
    other = new int[length];
    beside = new int[length];
    luma = new int[length];
    red = new int[length];
    green = new int[length];
    first = new int[length];
    second = new int[length];
  }

  /**
   * The planes that rows lie in; positions count for luma, or for both chromas.
   *
   * @param width of luma, in pixels
   */
  record Planes(byte[] luma, byte[] blue, byte[] red, int width) {
    /** Planes of so many rows of macroblocks. */
    static Planes of(int columns, int rows, int width) {
      int blocks = columns * rows;
      return new Planes(
          new byte[256 * blocks], new byte[64 * blocks], new byte[64 * blocks], width);
    }
  }

  /** Takes a row of chroma as the far one, and the one before as the near one. */
  void chroma(int from) {
    turn();
    expand(planes, from, far);
    far[0] = far[1]; // 3/4 of a sample and 1/4 of the one across come to the same
    far[pairs + 1] = far[pairs];
  }

  /** Exchanges the near row of chroma and the far one. */
  void turn() {
    int[] row = near;
    near = far;
    far = row;
  }

  /** Converts a row whose luma begins at {@code y}. */
  void convert(int y, byte[] rgb, int start) {
    expand(planes.luma, y, luma);
    split(luma, first, second);
    weigh(near, far, own, other);
    System.arraycopy(other, 0, beside, 1, pairs);
    color(first);
    System.arraycopy(other, 2, beside, 1, pairs);
    color(second);
    write(first, second, rgb, start);
    int last = start + 6 * (pairs - 1);
    put(rgb, last, first[pairs]);
    if (planes.width % 2 == 0) {
      put(rgb, last + 3, second[pairs]);
    }
  }

  /** Pairs of luma, whose row is of even length in its plane. */
  private static void expand(byte[] plane, int from, int[] row) {
    for (int x = 0; x < row.length - 2; x++) {
      row[x + 1] = plane[from + 2 * x] & 0xff | (plane[from + 2 * x + 1] & 0xff) << 16;
    }
  }

  /** Both chromas, so that they are interpolated at once. */
  private static void expand(Planes planes, int from, int[] row) {
    byte[] blue = planes.blue;
    byte[] red = planes.red;
    for (int x = 0; x < row.length - 2; x++) {
      row[x + 1] = blue[from + x] & 0xff | (red[from + x] & 0xff) << 16;
    }
  }

  private static void split(int[] pairs, int[] first, int[] second) {
    for (int x = 0; x < second.length; x++) {
      int both = pairs[x];
      first[x] = both & 0xff;
      second[x] = both >>> 16;
    }
  }

  private static void weigh(int[] near, int[] far, int[] own, int[] other) {
    for (int x = 0; x < other.length; x++) {
      int close = near[x];
      int across = far[x];
      own[x] = close + 3 * across + 2 * FOUR;
      other[x] = 3 * close + across;
    }
  }

  private void color(int[] pixels) {
    interpolate(own, near, beside);
    sum(beside, pixels, red, green);
    clip(red, green, pixels);
  }

  private static void interpolate(int[] own, int[] near, int[] beside) {
    for (int x = 0; x < beside.length; x++) {
      beside[x] = (own[x] + beside[x] >>> 3) + near[x] >>> 1;
    }
  }

  /**
   * Makes sums of each colour in 64ths of lumas and chromas.
   *
   * @param pixels lumas, and then blue
   */
  private static void sum(int[] chroma, int[] pixels, int[] red, int[] green) {
    for (int x = 0; x < pixels.length; x++) {
      int both = chroma[x];
      int y = pixels[x] * 19077 >> 8;
      int u = both & 0xff;
      int v = both >>> 16 & 0xff;
      red[x] = y + (v * 26149 >> 8) - 14234;
      green[x] = y - (u * 6419 >> 8) - (v * 13320 >> 8) + 8708;
      pixels[x] = y + (u * 33050 >> 8) - 17685;
    }
  }

  /** Makes colours of sums: red in the lowest byte, then green and blue. */
  private static void clip(int[] red, int[] green, int[] blue) {
    for (int x = 0; x < blue.length; x++) {
      blue[x] = clip(red[x]) | clip(green[x]) << 8 | clip(blue[x]) << 16;
    }
  }

  /** 64ths as a byte: all ones where 255 is exceeded, all zeros below 0. */
  private static int clip(int value) {
    return ((value | 0x3fff - value >> 31) & ~(value >> 31) & 0x3fff) >> 6;
  }

  /** All pairs but the last: six bytes, and two that the next pair replaces. */
  private static void write(int[] first, int[] second, byte[] rgb, int start) {
    int to = start;
    for (int x = 1; x < first.length - 2; x++, to += 6) {
      Lanes.store(rgb, to, first[x] | (long) second[x] << 24);
    }
  }

  private static void put(byte[] rgb, int at, int color) {
    rgb[at] = (byte) color;
    rgb[at + 1] = (byte) (color >> 8);
    rgb[at + 2] = (byte) (color >> 16);
  }
}
