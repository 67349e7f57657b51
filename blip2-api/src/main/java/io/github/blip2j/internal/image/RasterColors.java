package io.github.blip2j.internal.image;

import io.github.blip2j.internal.image.raster.RgbImage;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * Decoded images as Pillow's {@code convert("RGB")} sees them.
 *
 * <p>Samples are read from the raster as they were stored. {@link BufferedImage#getRGB} is used
 * only for colour spaces that Pillow cannot convert either: it would apply colour profiles, and a
 * gamma curve to grey images. Alpha is dropped, not composited; grey is replicated.
 */
final class RasterColors {
  private RasterColors() {}

  /**
   * Converts an image.
   *
   * @throws IllegalArgumentException when its samples are not unsigned integers
   */
  static RgbImage of(BufferedImage source) {
    Raster raster = source.getRaster();
    ColorModel model = source.getColorModel();
    if (model instanceof IndexColorModel palette) {
      return RowColors.image(raster, RowColors.palette(colors(palette), raster.getNumBands()));
    }
    int bands = raster.getNumBands();
    return switch (model.getColorSpace().getType()) {
      case ColorSpace.TYPE_GRAY -> RowColors.image(raster, levels(model, RowColors.gray(bands)));
      case ColorSpace.TYPE_RGB -> RowColors.image(raster, levels(model, RowColors.rgb(bands)));
      case ColorSpace.TYPE_CMYK -> RowColors.image(raster, levels(model, RowColors.cmyk(bands)));
      default -> converted(source);
    };
  }

  /**
   * The palette with its transparency left out; indexes beyond it are a ramp of greys in Pillow.
   */
  private static int[] colors(IndexColorModel palette) {
    int[] colors = new int[Math.max(256, palette.getMapSize())];
    for (int i = 0; i < 256; i++) {
      colors[i] = i * 0x010101;
    }
    palette.getRGBs(colors);
    return colors;
  }

  /** Brings samples to 0..255 in place, then converts. */
  private static RowColors levels(ColorModel model, RowColors colors) {
    int type = model.getTransferType();
    if (type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE) {
      throw new IllegalArgumentException("samples of floating point");
    }
    int[] bits = model.getComponentSize();
    boolean bytes = Arrays.stream(bits).allMatch(size -> size == 8);
    boolean lone = model.getNumComponents() == 1;
    boolean premultiplied = model.hasAlpha() && model.isAlphaPremultiplied();
    return (samples, width, rgb, at) -> {
      int bands = bits.length;
      for (int i = 0; !bytes && i < width * bands; i++) {
        samples[i] = level(samples[i], bits[i % bands], lone);
      }
      if (premultiplied) {
        unpremultiply(samples, width, bands);
      }
      colors.convert(samples, width, rgb, at);
    };
  }

  /**
   * Pillow's unpackers: fewer than 8 bits are stretched, of more the high byte is kept. Grey
   * without alpha of more than 8 bits (modes I;16 and I) is clipped instead, which is what Pillow
   * does.
   */
  private static int level(int sample, int bits, boolean lone) {
    if (bits < 8) {
      return sample * 255 / ((1 << bits) - 1);
    }
    return lone ? Math.max(0, Math.min(255, sample)) : sample >>> (bits - 8);
  }

  /** Pillow's unpackRGBa: divided by alpha, rounded down, clipped; alpha 0 is left as it is. */
  private static void unpremultiply(int[] samples, int width, int bands) {
    for (int x = 0, from = 0; x < width; x++, from += bands) {
      int alpha = samples[from + bands - 1];
      if (alpha != 0 && alpha != 255) {
        for (int c = 0; c < bands - 1; c++) {
          samples[from + c] = Math.min(255, 255 * samples[from + c] / alpha);
        }
      }
    }
  }

  private static RgbImage converted(BufferedImage source) {
    int width = source.getWidth();
    int height = source.getHeight();
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    for (int y = 0, to = 0; y < height; y++) {
      for (int x = 0; x < width; x++, to += 3) {
        int color = source.getRGB(x, y);
        rgb[to] = (byte) (color >> 16);
        rgb[to + 1] = (byte) (color >> 8);
        rgb[to + 2] = (byte) color;
      }
    }
    return new RgbImage(width, height, rgb);
  }
}
