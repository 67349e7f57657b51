package io.github.blip2j.internal.image.tiff;

import io.github.blip2j.internal.image.raster.PackedRow;
import io.github.blip2j.internal.image.raster.PackedRow.RgbRow;

/** Rows that only TIFF has: numbers clipped at 0 and 255, inks, premultiplied alpha, LAB. */
final class WideRows {
  private WideRows() {}

  /** One pixel's level. */
  private interface Level {
    int of(byte[] data, int at);
  }

  private static PackedRow levels(int bytes, Level level) {
    return (data, from, to) -> {
      byte[] rgb = to.rgb();
      int at = to.at();
      for (int i = to.pixels(), in = from; i > 0; i--, in += bytes, at += 3) {
        byte found = (byte) Math.max(0, Math.min(255, level.of(data, in)));
        rgb[at] = found;
        rgb[at + 1] = found;
        rgb[at + 2] = found;
      }
    };
  }

  static PackedRow signed16(boolean big) {
    int high = big ? 0 : 1;
    return levels(2, (data, at) -> data[at + high] << 8 | data[at + 1 - high] & 0xff);
  }

  static PackedRow signed32(boolean big) {
    return levels(4, (data, at) -> integer(data, at, big));
  }

  static PackedRow floats(boolean big) {
    return levels(4, (data, at) -> (int) Float.intBitsToFloat(integer(data, at, big)));
  }

  private static int integer(byte[] data, int at, boolean big) {
    int value =
        data[at] << 24
            | (data[at + 1] & 0xff) << 16
            | (data[at + 2] & 0xff) << 8
            | data[at + 3] & 0xff;
    return big ? value : Integer.reverseBytes(value);
  }

  /** Three bytes for two pixels. */
  static PackedRow twelve() {
    return (data, from, to) -> {
      for (int i = 0; i < to.pixels(); i++) {
        int in = from + i / 2 * 3;
        int level =
            i % 2 == 0
                ? (data[in] & 0xff) << 4 | (data[in + 1] & 0xff) >> 4
                : (data[in + 1] & 15) << 8 | data[in + 2] & 0xff;
        gray(to.rgb(), to.at() + 3 * i, Math.min(255, level));
      }
    };
  }

  private static void gray(byte[] rgb, int at, int level) {
    rgb[at] = (byte) level;
    rgb[at + 1] = (byte) level;
    rgb[at + 2] = (byte) level;
  }

  static PackedRow indexAndMore(int[] colors) {
    return (data, from, to) -> {
      for (int i = 0; i < to.pixels(); i++) {
        int color = colors[data[from + 2 * i] & 0xff];
        int at = to.at() + 3 * i;
        to.rgb()[at] = (byte) (color >> 16);
        to.rgb()[at + 1] = (byte) (color >> 8);
        to.rgb()[at + 2] = (byte) color;
      }
    };
  }

  /** Samples {@code step} bytes apart, their high byte {@code high} behind their first. */
  static PackedRow cmyk(int bytes, int step, int high) {
    return (data, from, to) -> {
      int in = from + high;
      for (int i = 0; i < to.pixels(); i++, in += bytes) {
        int at = to.at() + 3 * i;
        to.rgb()[at] = data[in];
        to.rgb()[at + 1] = data[in + step];
        to.rgb()[at + 2] = data[in + 2 * step];
        inks(to.rgb(), at, data[in + 3 * step] & 0xff);
      }
    };
  }

  /** Turns cyan, magenta and yellow at an index, and black, into colour: Pillow's cmyk2rgb. */
  static void inks(byte[] rgb, int at, int black) {
    int paper = 255 - black;
    for (int i = at; i < at + 3; i++) {
      int product = (rgb[i] & 0xff) * paper + 128;
      rgb[i] = (byte) Math.max(0, paper - ((product + (product >> 8)) >> 8));
    }
  }

  static PackedRow premultiplied(int bytes, int step, int high) {
    return (data, from, to) -> {
      int in = from + high;
      for (int i = 0; i < to.pixels(); i++, in += bytes) {
        int at = to.at() + 3 * i;
        to.rgb()[at] = data[in];
        to.rgb()[at + 1] = data[in + step];
        to.rgb()[at + 2] = data[in + 2 * step];
        divide(to.rgb(), at, data[in + 3 * step] & 0xff);
      }
    };
  }

  /** Divides a pixel by alpha: Pillow's unpackRGBa, for which what is clear is black. */
  static void divide(byte[] rgb, int at, int alpha) {
    for (int i = at; alpha < 255 && i < at + 3; i++) {
      rgb[i] = alpha == 0 ? 0 : (byte) Math.min(255, (rgb[i] & 0xff) * 255 / alpha);
    }
  }

  static PackedRow lab() {
    return (data, from, to) -> {
      for (int i = 0; i < to.pixels(); i++) {
        int in = from + 3 * i;
        int color = LabColors.rgb(data[in] & 0xff, data[in + 1] ^ 128, data[in + 2] ^ 128);
        int at = to.at() + 3 * i;
        to.rgb()[at] = (byte) (color >> 16);
        to.rgb()[at + 1] = (byte) (color >> 8);
        to.rgb()[at + 2] = (byte) color;
      }
    };
  }

  /** Where a row goes. */
  static RgbRow row(byte[] rgb) {
    return new RgbRow(rgb);
  }
}
