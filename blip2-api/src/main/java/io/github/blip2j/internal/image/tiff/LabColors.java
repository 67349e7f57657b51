package io.github.blip2j.internal.image.tiff;

/**
 * CIE L*a*b* of 8 bits under D50 to sRGB, as the profiles that Pillow makes for it describe them: a
 * white point of 5000 K, Bradford's adaptation inside the profile's matrix, sRGB's curve.
 */
final class LabColors {
  private static final double WHITE_X = 0.9642;
  private static final double WHITE_Z = 0.8249;

  private LabColors() {}

  /** Lightness 0 to 255, axes with 128 as their middle; 0xRRGGBB. Only low bytes are looked at. */
  static int rgb(int lightness, int first, int second) {
    double fy = ((lightness & 0xff) * 100.0 / 255 + 16) / 116;
    double x = WHITE_X * inverse(fy + ((first & 0xff) - 128) / 500.0);
    double y = inverse(fy);
    double z = WHITE_Z * inverse(fy - ((second & 0xff) - 128) / 200.0);
    double red = 3.1341359569 * x - 1.6173863321 * y - 0.4906619460 * z;
    double green = -0.9787955024 * x + 1.9162543774 * y + 0.0334427319 * z;
    double blue = 0.0719553484 * x - 0.2289767598 * y + 1.4053860352 * z;
    return level(red) << 16 | level(green) << 8 | level(blue);
  }

  private static double inverse(double value) {
    return value <= 24.0 / 116 ? (value - 16.0 / 116) * 108 / 841 : value * value * value;
  }

  private static int level(double linear) {
    double value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
    return (int) Math.max(0, Math.min(255, Math.floor(value * 255 + 0.5)));
  }
}
