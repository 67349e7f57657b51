package io.github.blip2j.internal.image;

import io.github.blip2j.internal.image.raster.RgbImage;
import java.awt.image.Raster;

/**
 * Turns one row of a raster's samples into red, green and blue, as Pillow's {@code convert("RGB")}
 * does (libImaging/Convert.c).
 */
@FunctionalInterface
interface RowColors {
  /**
   * Converts a row.
   *
   * @param samples (width, bands) as {@link Raster#getPixels} gives them; may be overwritten
   * @param width pixels in the row
   * @param rgb where to write
   * @param at where in {@code rgb} the row begins
   */
  void convert(int[] samples, int width, byte[] rgb, int at);

  /** Converts all rows of a raster. */
  static RgbImage image(Raster raster, RowColors colors) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    int[] row = new int[width * raster.getNumBands()];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      colors.convert(row, width, rgb, 3 * width * y);
    }
    return new RgbImage(width, height, rgb);
  }

  /** One band, already 0 to 255 and among {@code bands}, goes to all three colours. */
  static RowColors gray(int bands) {
    return (samples, width, rgb, at) -> {
      for (int x = 0, to = at; x < width; x++, to += 3) {
        byte level = (byte) samples[x * bands];
        rgb[to] = level;
        rgb[to + 1] = level;
        rgb[to + 2] = level;
      }
    };
  }

  /** The first three of {@code bands}, already 0 to 255; any others are dropped. */
  static RowColors rgb(int bands) {
    return (samples, width, rgb, at) -> {
      for (int x = 0, from = 0, to = at; x < width; x++, from += bands, to += 3) {
        rgb[to] = (byte) samples[from];
        rgb[to + 1] = (byte) samples[from + 1];
        rgb[to + 2] = (byte) samples[from + 2];
      }
    };
  }

  /** Looks the first band up in a palette of 0xRRGGBB. */
  static RowColors palette(int[] colors, int bands) {
    return (samples, width, rgb, at) -> {
      for (int x = 0, to = at; x < width; x++, to += 3) {
        int color = colors[samples[x * bands]];
        rgb[to] = (byte) (color >> 16);
        rgb[to + 1] = (byte) (color >> 8);
        rgb[to + 2] = (byte) color;
      }
    };
  }

  /** Cyan, magenta, yellow, black, 255 being full ink: Pillow's {@code cmyk2rgb}, no profile. */
  static RowColors cmyk(int bands) {
    return (samples, width, rgb, at) -> {
      for (int x = 0, from = 0, to = at; x < width; x++, from += bands, to += 3) {
        int paper = 255 - samples[from + 3];
        for (int c = 0; c < 3; c++) {
          int product = samples[from + c] * paper + 128;
          rgb[to + c] = (byte) (paper - ((product + (product >> 8)) >> 8));
        }
      }
    };
  }
}
