package io.github.blip2j.internal.image;

import java.awt.image.Raster;

/**
 * JPEG components to red, green and blue in libjpeg's integer arithmetic (jdcolor.c, 16 fraction
 * bits), then Pillow's reading of four-component files: always inverted, as Adobe writes them.
 */
final class JpegColors {
  private static final int HALF = 1 << 15;

  private JpegColors() {}

  /** Converts a raster of components as they were coded. */
  static RgbImage of(Raster raster, JpegHeader.Coding coding) {
    int bands = raster.getNumBands();
    int expected =
        switch (coding) {
          case GRAY -> 1;
          case RGB, YCC -> 3;
          case CMYK, YCCK -> 4;
        };
    if (bands != expected) {
      throw new IllegalArgumentException(
          coding + " JPEG: expected " + expected + " components, found " + bands);
    }
    RowColors colors =
        switch (coding) {
          case GRAY -> RowColors.gray(bands);
          case RGB -> RowColors.rgb(bands);
          case YCC -> ycc(bands, RowColors.rgb(bands));
          case CMYK -> inverted(RowColors.cmyk(bands));
          // YCCK holds 255 - ink in its first three once converted, so that only black is inverted
          case YCCK -> ycc(bands, blackInverted(RowColors.cmyk(bands)));
        };
    return RowColors.image(raster, colors);
  }

  private static RowColors ycc(int bands, RowColors next) {
    return (samples, width, rgb, at) -> {
      for (int i = 0, end = width * bands; i < end; i += bands) {
        int luma = samples[i];
        int blue = samples[i + 1] - 128;
        int red = samples[i + 2] - 128;
        samples[i] = clamp(luma + (91881 * red + HALF >> 16)); // 1.402
        samples[i + 1] = clamp(luma + (-22554 * blue - 46802 * red + HALF >> 16)); // 0.344, 0.714
        samples[i + 2] = clamp(luma + (116130 * blue + HALF >> 16)); // 1.772
      }
      next.convert(samples, width, rgb, at);
    };
  }

  private static RowColors inverted(RowColors next) {
    return (samples, width, rgb, at) -> {
      for (int i = 0; i < width * 4; i++) {
        samples[i] = 255 - samples[i];
      }
      next.convert(samples, width, rgb, at);
    };
  }

  private static RowColors blackInverted(RowColors next) {
    return (samples, width, rgb, at) -> {
      for (int i = 3; i < width * 4; i += 4) {
        samples[i] = 255 - samples[i];
      }
      next.convert(samples, width, rgb, at);
    };
  }

  private static int clamp(int level) {
    return Math.max(0, Math.min(255, level));
  }
}
