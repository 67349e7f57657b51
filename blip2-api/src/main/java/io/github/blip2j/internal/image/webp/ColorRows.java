package io.github.blip2j.internal.image.webp;

/**
 * Makes red, green and blue of luma and two chromas of half the size, as libwebp does by default
 * (its {@code src/dsp/upsampling.c} and {@code yuv.h}): a pixel's chroma is 9/16 of the nearest
 * sample, 3/16 of each next one, and 1/16 of the one across, rounded in two steps, and colours are
 * computed in 14 bits of ITU-R BT.601.
 */
final class ColorRows {
  private ColorRows() {}

  /**
   * The planes that rows lie in; positions count for luma, or for both chromas.
   *
   * @param width of luma, in pixels
   */
  record Planes(byte[] luma, byte[] blue, byte[] red, int width) {
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
    int to = start;
    pixel(luma[y], edge(nearLeft, farLeft), rgb, to);
    to += 3;
    int pairs = (width - 1) >> 1;
    for (int x = 1; x <= pairs; x++, to += 6) {
      int nearRight = planes.chroma(near + x);
      int farRight = planes.chroma(far + x);
      int sum = nearLeft + nearRight + farLeft + farRight + 0x00080008;
      int left = ((sum + 2 * (nearRight + farLeft)) >>> 3) + nearLeft >>> 1;
      int right = ((sum + 2 * (nearLeft + farRight)) >>> 3) + nearRight >>> 1;
      pixel(luma[y + 2 * x - 1], left, rgb, to);
      pixel(luma[y + 2 * x], right, rgb, to + 3);
      nearLeft = nearRight;
      farLeft = farRight;
    }
    if ((width & 1) == 0) {
      pixel(luma[y + width - 1], edge(nearLeft, farLeft), rgb, to);
    }
  }

  /** In the first and last columns there is no sample on the other side. */
  private static int edge(int near, int far) {
    return (3 * near + far + 0x00020002) >>> 2;
  }

  private static void pixel(byte y, int chroma, byte[] rgb, int at) {
    int luma = (y & 0xff) * 19077 >> 8;
    int blue = chroma & 0xff;
    int red = chroma >>> 16;
    rgb[at] = clip(luma + (red * 26149 >> 8) - 14234);
    rgb[at + 1] = clip(luma - (blue * 6419 >> 8) - (red * 13320 >> 8) + 8708);
    rgb[at + 2] = clip(luma + (blue * 33050 >> 8) - 17685);
  }

  private static byte clip(int value) {
    return (byte) Math.max(0, Math.min(255, value >> 6));
  }
}
