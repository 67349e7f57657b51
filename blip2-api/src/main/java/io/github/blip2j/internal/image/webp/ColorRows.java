package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * Makes red, green and blue of luma and two chromas of half the size, as libwebp does by default
 * (its {@code src/dsp/upsampling.c} and {@code yuv.h}): a pixel's chroma is 9/16 of the nearest
 * sample, 3/16 of each next one, and 1/16 of the one across, rounded in two steps, and colours are
 * computed in 14 bits of ITU-R BT.601.
 *
 * <p>What a sample adds to the three colours is looked up for all of them at once, 64ths in {@link
 * Lanes}.
 */
final class ColorRows {
  private static final int BIAS = 280; // more than any sum is below 0, in levels
  private static final long[] LUMA = new long[256];
  private static final long[] BLUE = new long[256];
  private static final long[] RED = new long[256];
  private static final int[] CLIPPED = new int[1024];

  static {
    for (int i = 0; i < 256; i++) {
      long green = i * 6419L >> 8;
      LUMA[i] = Lanes.ONE * (i * 19077 >> 8) + lanes(-14234, 8708, -17685) + 64 * BIAS * Lanes.ONE;
      BLUE[i] = lanes(0, -green, i * 33050 >> 8);
      RED[i] = lanes(i * 26149 >> 8, -(i * 13320 >> 8), 0);
    }
    for (int i = 0; i < CLIPPED.length; i++) {
      CLIPPED[i] = Math.max(0, Math.min(255, i - BIAS));
    }
  }

  private ColorRows() {}

  private static long lanes(long red, long green, long blue) {
    return red + (green << 16) + (blue << 32);
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

    /** Both chromas of a sample, 16 bits each, so that they are interpolated at once. */
    private int chroma(int at) {
      return blue[at] & 0xff | (red[at] & 0xff) << 16;
    }
  }

  /**
   * Converts one row.
   *
   * @param y where the row's luma begins
   * @param near where the nearest row of chroma begins
   * @param far where the row of chroma on the other side begins; {@code near} at the frame's edges
   */
  static void convert(Planes planes, int y, int near, int far, byte[] rgb, int start) {
    int width = planes.width;
    byte[] luma = planes.luma;
    int nearLeft = planes.chroma(near);
    int farLeft = planes.chroma(far);
    put(rgb, start, color(luma[y], edge(nearLeft, farLeft)));
    int pairs = (width - 1) >> 1;
    int to = start + 3;
    for (int x = 1; x <= pairs; x++, to += 6) {
      int nearRight = planes.chroma(near + x);
      int farRight = planes.chroma(far + x);
      int sum = nearLeft + nearRight + farLeft + farRight + 0x00080008;
      int left = ((sum + 2 * (nearRight + farLeft)) >>> 3) + nearLeft >>> 1;
      int right = ((sum + 2 * (nearLeft + farRight)) >>> 3) + nearRight >>> 1;
      long first = color(luma[y + 2 * x - 1], left);
      long second = color(luma[y + 2 * x], right);
      if (x < pairs) {
        Lanes.store(rgb, to, first | second << 24); // and two bytes that the next pair replaces
      } else {
        put(rgb, to, first);
        put(rgb, to + 3, second);
      }
      nearLeft = nearRight;
      farLeft = farRight;
    }
    if ((width & 1) == 0) {
      put(rgb, to, color(luma[y + width - 1], edge(nearLeft, farLeft)));
    }
  }

  /** In the first and last columns there is no sample on the other side. */
  private static int edge(int near, int far) {
    return (3 * near + far + 0x00020002) >>> 2;
  }

  /** Red in the lowest byte, then green and blue. */
  private static long color(byte y, int chroma) {
    long sums = LUMA[y & 0xff] + BLUE[chroma & 0xff] + RED[chroma >>> 16 & 0xff];
    int red = CLIPPED[(int) (sums >>> 6) & 1023];
    int green = CLIPPED[(int) (sums >>> 22) & 1023];
    int blue = CLIPPED[(int) (sums >>> 38) & 1023];
    return red | green << 8 | blue << 16;
  }

  private static void put(byte[] rgb, int at, long color) {
    rgb[at] = (byte) color;
    rgb[at + 1] = (byte) (color >> 8);
    rgb[at + 2] = (byte) (color >> 16);
  }
}
