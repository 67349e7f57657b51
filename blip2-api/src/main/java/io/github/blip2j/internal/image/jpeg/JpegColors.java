package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;
import java.util.List;

/**
 * From a row of components to red, green and blue: libjpeg's integer arithmetic with 16 fraction
 * bits (jdcolor.c), then Pillow's reading of four components, always inverted as Adobe writes them
 * (JpegImagePlugin.py, "CMYK;I"; libImaging/Convert.c, cmyk2rgb).
 */
final class JpegColors {
  private static final int HALF = 1 << 15;

  private JpegColors() {}

  /** What the components mean. */
  enum Space {
    GRAY,
    RGB,
    YCC,
    CMYK,
    YCCK;

    /**
     * Guesses as libjpeg does (jdapimin.c, default_decompress_parms).
     *
     * @param frame whose number and names of components count
     * @param jfif whether there was a JFIF segment
     * @param adobe the transform of an Adobe segment, -1 without one
     */
    static Space of(JpegFrame frame, boolean jfif, int adobe) {
      if (frame.components().size() == 1) {
        return GRAY;
      }
      if (frame.components().size() == 4) {
        return adobe <= 0 ? CMYK : YCCK;
      }
      List<Integer> ids = frame.components().stream().map(JpegFrame.Component::id).toList();
      boolean named = ids.equals(List.of((int) 'R', (int) 'G', (int) 'B'));
      return !jfif && (adobe == 0 || adobe < 0 && named) ? RGB : YCC;
    }

    /** Refuses a frame of another number of components. */
    Space check(JpegFrame frame) throws IOException {
      int expected = this == GRAY ? 1 : this == RGB || this == YCC ? 3 : 4;
      if (frame.components().size() != expected) {
        throw new IOException(
            "expected "
                + expected
                + (" components (" + this + "), found ")
                + frame.components().size());
      }
      return this;
    }
  }

  /**
   * Converts a row.
   *
   * @param space what the components mean
   * @param rows the components at the size of the image
   * @param width samples in the row
   * @param rgb where to write
   * @param to where the row begins there
   */
  static void convert(Space space, Upsampler[] rows, int width, byte[] rgb, int to) {
    switch (space) {
      case GRAY -> copy(new Upsampler[] {rows[0], rows[0], rows[0]}, width, rgb, to);
      case RGB -> copy(rows, width, rgb, to);
      case YCC -> ycc(rows, width, rgb, to);
      case CMYK -> {
        copy(rows, width, rgb, to);
        ink(rows[3], width, rgb, to);
      }
      case YCCK -> {
        ycc(rows, width, rgb, to);
        // What came out is 255 - ink; as it stands in the file it is inverted once more.
        for (int i = to; i < to + 3 * width; i++) {
          rgb[i] = (byte) ~rgb[i];
        }
        ink(rows[3], width, rgb, to);
      }
    }
  }

  private static void copy(Upsampler[] rows, int width, byte[] rgb, int to) {
    for (int c = 0; c < 3; c++) {
      byte[] from = rows[c].samples;
      int offset = rows[c].offset;
      for (int x = 0; x < width; x++) {
        rgb[to + 3 * x + c] = from[offset + x];
      }
    }
  }

  private static void ycc(Upsampler[] rows, int width, byte[] rgb, int to) {
    byte[] lumas = rows[0].samples;
    byte[] blues = rows[1].samples;
    byte[] reds = rows[2].samples;
    int lumaAt = rows[0].offset;
    int blueAt = rows[1].offset;
    int redAt = rows[2].offset;
    for (int x = 0; x < width; x++) {
      int luma = lumas[lumaAt + x] & 0xff;
      int blue = (blues[blueAt + x] & 0xff) - 128;
      int red = (reds[redAt + x] & 0xff) - 128;
      int i = to + 3 * x;
      rgb[i] = Levels.near(luma + (91881 * red + HALF >> 16)); // 1.402
      rgb[i + 1] = Levels.near(luma + (-22554 * blue - 46802 * red + HALF >> 16)); // 0.344, 0.714
      rgb[i + 2] = Levels.near(luma + (116130 * blue + HALF >> 16)); // 1.772
    }
  }

  /**
   * Puts black over cyan, magenta and yellow, all of them as they stand in an Adobe file, where 255
   * is none.
   */
  private static void ink(Upsampler black, int width, byte[] rgb, int to) {
    for (int x = 0; x < width; x++) {
      int paper = black.samples[black.offset + x] & 0xff;
      for (int i = to + 3 * x; i < to + 3 * x + 3; i++) {
        int product = (255 - (rgb[i] & 0xff)) * paper + 128;
        rgb[i] = (byte) Math.max(0, paper - (product + (product >> 8) >> 8));
      }
    }
  }
}
