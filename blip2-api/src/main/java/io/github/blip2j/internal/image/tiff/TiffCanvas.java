package io.github.blip2j.internal.image.tiff;

import io.github.blip2j.internal.image.raster.PackedRow.RgbRow;

/**
 * The image while it is put together. Where samples have planes of their own, the fourth is kept
 * beside the colours until all are there. For one thread.
 */
final class TiffCanvas {
  private final TiffKind kind;
  private final int width;
  private final byte[] rgb;
  private final byte[] fourth;
  private final boolean planes;
  private final RgbRow row;

  TiffCanvas(TiffKind kind, TiffLayout layout) {
    this.kind = kind;
    this.width = layout.width();
    this.planes = layout.planar() && kind.bands() > 1;
    int pixels = layout.width() * layout.height();
    this.rgb = new byte[3 * pixels];
    boolean keep =
        layout.planar()
            && (kind.family() == TiffKind.Family.CMYK
                || kind.family() == TiffKind.Family.PREMULTIPLIED);
    this.fourth = new byte[keep ? pixels : 0];
    this.row = new RgbRow(rgb);
  }

  byte[] rgb() {
    return rgb;
  }

  /** Converts a row of whole pixels. */
  void pixels(byte[] data, int from, int x, int y, int count) {
    kind.row().convert(data, from, row.move(3 * (y * width + x), count));
  }

  /** Copies a row of red, green and blue. */
  void copy(byte[] source, int from, int x, int y, int count) {
    System.arraycopy(source, from, rgb, 3 * (y * width + x), 3 * count);
  }

  /** Sets a pixel, 0xRRGGBB. */
  void pixel(int x, int y, int color) {
    int at = 3 * (y * width + x);
    rgb[at] = (byte) (color >> 16);
    rgb[at + 1] = (byte) (color >> 8);
    rgb[at + 2] = (byte) color;
  }

  /** Takes one plane's row: of each sample of {@code step} bytes the one at {@code from}. */
  void plane(int band, byte[] data, int from, int step, int x, int y, int count) {
    int pixel = y * width + x;
    if (kind.family() == TiffKind.Family.ONE) {
      first(band, data, from, x, y, count);
      return;
    }
    for (int i = 0; i < count; i++, pixel++) {
      byte sample = data[from + i * step];
      if (band < 3) {
        rgb[3 * pixel + band] = sample;
      } else if (band == 3 && fourth.length > 0) {
        fourth[pixel] = sample;
      }
    }
  }

  /** Of levels or indexes with alpha, only the first plane is looked at. */
  private void first(int band, byte[] data, int from, int x, int y, int count) {
    byte[] pairs = new byte[2 * count];
    for (int i = 0; i < count; i++) {
      pairs[2 * i] = data[from + i];
    }
    if (band == 0) {
      pixels(pairs, 0, x, y, count);
    }
  }

  /** Combines planes. */
  void finish() {
    boolean inks = kind.family() == TiffKind.Family.CMYK;
    for (int i = 0; i < fourth.length; i++) {
      if (inks) {
        WideRows.inks(rgb, 3 * i, fourth[i] & 0xff);
      } else {
        WideRows.divide(rgb, 3 * i, fourth[i] & 0xff);
      }
    }
    if (kind.family() == TiffKind.Family.LAB && planes) {
      for (int i = 0; i < rgb.length; i += 3) {
        int color = LabColors.rgb(rgb[i], rgb[i + 1], rgb[i + 2]);
        rgb[i] = (byte) (color >> 16);
        rgb[i + 1] = (byte) (color >> 8);
        rgb[i + 2] = (byte) color;
      }
    }
  }
}
