package io.github.blip2j.internal.image.tiff;

/**
 * The colours of sRGB, 16 bits a level, at 33 lightnesses and 33 steps along each axis of L*a*b*.
 *
 * <p>They are computed with the precision that littlecms has: in double, but float between its
 * stages. The table takes 211 KiB and is made when the first L*a*b* image is read.
 */
final class LabTable {
  /** Cells along a side; there is one node more. */
  static final int CELLS = 32;

  static final int B_STEP = 3;
  static final int A_STEP = B_STEP * (CELLS + 1);
  static final int L_STEP = A_STEP * (CELLS + 1);

  /** D50. */
  private static final double[] WHITE = {0.9642, 1, 0.8249};

  /** The greatest X, Y and Z that a profile can hold; its stages see them as 1. */
  private static final double GREATEST = 1 + 32767.0 / 32768;

  /** XYZ under D50 to linear sRGB: the inverse of the primaries under D65, adapted by Bradford. */
  private static final double[][] MATRIX = {
    {3.1341863642368204, -1.6172089589982754, -0.49069406400638405},
    {-0.9787485041906939, 1.9161300967735855, 0.03343339915999552},
    {0.07196392780224677, -0.22899387345320313, 1.4057537328964438}
  };

  /** Where the straight part of sRGB's curve ends, in linear light. */
  private static final double BEND = StrictMath.pow((0.04045 + 0.055) / 1.055, 2.4);

  private LabTable() {}

  /** Made when first asked for. */
  private static final class Holder {
    static final char[] LEVELS = compute();
  }

  /** All nodes, b* running fastest, three levels each. Shared: do not change it. */
  static char[] levels() {
    return Holder.LEVELS;
  }

  private static char[] compute() {
    char[] levels = new char[L_STEP * (CELLS + 1)];
    int at = 0;
    for (int l = 0; l <= CELLS; l++) {
      for (int a = 0; a <= CELLS; a++) {
        for (int b = 0; b <= CELLS; b++) {
          float[] xyz = xyz(node(l), node(a), node(b));
          for (double[] row : MATRIX) {
            double linear = 0;
            for (int i = 0; i < 3; i++) {
              linear += xyz[i] * (row[i] * GREATEST);
            }
            levels[at++] = rounded((float) curve((float) linear) * 65535.0);
          }
        }
      }
    }
    return levels;
  }

  /** From 0 to 1, by way of 16 bits. */
  private static float node(int index) {
    return (float) (rounded(index * 65535.0 / CELLS) / 65535.0);
  }

  private static char rounded(double value) {
    return (char) Math.max(0, Math.min(65535, Math.floor(value + 0.5)));
  }

  private static float[] xyz(float lightness, float first, float second) {
    double y = (lightness * 100.0 + 16) / 116;
    double x = y + 0.002 * (first * 255.0 - 128);
    double z = y - 0.005 * (second * 255.0 - 128);
    return new float[] {
      (float) (cube(x) * WHITE[0] / GREATEST),
      (float) (cube(y) * WHITE[1] / GREATEST),
      (float) (cube(z) * WHITE[2] / GREATEST)
    };
  }

  private static double cube(double value) {
    return value <= 24.0 / 116 ? 108.0 / 841 * (value - 16.0 / 116) : value * value * value;
  }

  private static double curve(double linear) {
    return linear < BEND ? linear * 12.92 : 1.055 * StrictMath.pow(linear, 1 / 2.4) - 0.055;
  }
}
