package io.github.blip2j.internal.image.jpeg;

/**
 * The inverse DCT of an 8x8 block after Loeffler, Ligtenberg and Moschytz (ICASSP 1989), with 13
 * fraction bits, columns first, 2 more bits kept between the passes: libjpeg's "islow"
 * (jidctint.c), bit for bit. All sums before a rounding are exact, so that terms may be left out
 * where coefficients are zero.
 *
 * <p>Where values do not fit 16 bits, which needs coefficients that no image has, libjpeg-turbo's
 * vector code and its C code differ; this is the vector code (jidctint-avx2.asm), see {@link
 * WrappingDct}.
 *
 * <p>Has a workspace: one for each thread.
 */
final class InverseDct {
  static final int COS_0_298 = 2446; // times 2 to the 13th
  static final int COS_0_390 = 3196;
  static final int COS_0_541 = 4433;
  static final int COS_0_765 = 6270;
  static final int COS_0_899 = 7373;
  static final int COS_1_175 = 9633;
  static final int COS_1_501 = 12299;
  static final int COS_1_847 = 15137;
  static final int COS_1_961 = 16069;
  static final int COS_2_053 = 16819;
  static final int COS_2_562 = 20995;
  static final int COS_3_072 = 25172;
  static final int FRACTION = 13;
  static final int COLUMN_SHIFT = 11;
  static final int ROW_SHIFT = 18;

  private static final int COLUMN_HALF = 1 << (COLUMN_SHIFT - 1);
  private static final int ROW_HALF = (1 << (ROW_SHIFT - 1)) + (128 << ROW_SHIFT);

  /** Added to a value, leaves the bits of {@link #OUTSIDE} clear while two such fit 16 bits. */
  private static final int QUARTER = 1 << 14;

  private static final int OUTSIDE = -1 << 15;

  /** By column: the bits of its coefficients in rows 1 to 7 in a block's mask. */
  private static final long[] BELOW_FIRST = new long[8];

  private static final long LEFT = mask(0, 4, 0, 8);
  private static final long UPPER = mask(0, 8, 0, 4);

  static {
    for (int x = 0; x < 8; x++) {
      BELOW_FIRST[x] = mask(x, x + 1, 1, 8);
    }
  }

  private final int[] quantization; // (64) in natural order
  private final int[] work = new int[64];
  private int outside; // bits of OUTSIDE are set once a value was too large

  InverseDct(int[] quantization) {
    this.quantization = quantization;
  }

  private static long mask(int left, int right, int top, int bottom) {
    long mask = 0;
    for (int k = 0; k < CoefficientRow.SIZE; k++) {
      int x = Zigzag.NATURAL[k] & 7;
      int y = Zigzag.NATURAL[k] >> 3;
      if (x >= left && x < right && y >= top && y < bottom) {
        mask |= 1L << k;
      }
    }
    return mask;
  }

  /**
   * Transforms one block.
   *
   * @param values where its coefficients are
   * @param from where they begin
   * @param mask which of them may differ from 0, by zigzag index
   * @param samples where to write, 0 to 255
   * @param to where its first row begins
   * @param stride from row to row
   */
  void transform(short[] values, int from, long mask, byte[] samples, int to, int stride) {
    if ((mask & ~1L) == 0) {
      short dc = (short) ((short) (values[from] * quantization[0]) << 2);
      fill(level(((dc + 16) >> 5) + 128), samples, to, stride);
      return;
    }
    outside = 0;
    boolean upper = (mask & ~UPPER) == 0;
    boolean left = (mask & ~LEFT) == 0;
    for (int x = 0; x < (left ? 4 : 8); x++) {
      if ((mask & BELOW_FIRST[x]) == 0) {
        flatColumn(values, from, x);
      } else if (upper) {
        upperColumn(values, from, x);
      } else {
        column(values, from, x);
      }
    }
    if ((outside & OUTSIDE) != 0) {
      WrappingDct.transform(values, from, quantization, samples, to, stride);
      return;
    }
    for (int y = 0; y < 8; y++) {
      if (left) {
        leftRow(8 * y, samples, to + y * stride);
      } else {
        row(8 * y, samples, to + y * stride);
      }
    }
  }

  private static void fill(byte level, byte[] samples, int to, int stride) {
    for (int y = 0, at = to; y < 8; y++, at += stride) {
      for (int x = 0; x < 8; x++) {
        samples[at + x] = level;
      }
    }
  }

  private void flatColumn(short[] values, int from, int x) {
    int value = values[from + x] * quantization[x];
    outside |= value + QUARTER | (value << 2) + QUARTER;
    for (int i = x; i < 64; i += 8) {
      work[i] = value << 2;
    }
  }

  /** A column whose lower four coefficients are zero. */
  private void upperColumn(short[] values, int from, int x) {
    int[] q = quantization;
    int in0 = values[from + x] * q[x];
    int in1 = values[from + x + 8] * q[x + 8];
    int in2 = values[from + x + 16] * q[x + 16];
    int in3 = values[from + x + 24] * q[x + 24];
    outside |= in0 + QUARTER | in1 + QUARTER | in2 + QUARTER | in3 + QUARTER;
    int dc = (in0 << FRACTION) + COLUMN_HALF;
    int cos2 = in2 * COS_0_541;
    int cos6 = in2 * (COS_0_541 + COS_0_765);
    int z5 = (in1 + in3) * COS_1_175;
    int z3 = z5 - in3 * COS_1_961;
    int z4 = z5 - in1 * COS_0_390;
    int z1 = in1 * -COS_0_899;
    int z2 = in3 * -COS_2_562;
    store(x, dc + cos6, in1 * COS_1_501 + z1 + z4, 0, 7);
    store(x, dc + cos2, in3 * COS_3_072 + z2 + z3, 1, 6);
    store(x, dc - cos2, z2 + z4, 2, 5);
    store(x, dc - cos6, z1 + z3, 3, 4);
  }

  private void column(short[] values, int from, int x) {
    int[] q = quantization;
    int in0 = values[from + x] * q[x];
    int in1 = values[from + x + 8] * q[x + 8];
    int in2 = values[from + x + 16] * q[x + 16];
    int in3 = values[from + x + 24] * q[x + 24];
    int in4 = values[from + x + 32] * q[x + 32];
    int in5 = values[from + x + 40] * q[x + 40];
    int in6 = values[from + x + 48] * q[x + 48];
    int in7 = values[from + x + 56] * q[x + 56];
    outside |= in0 + QUARTER | in1 + QUARTER | in2 + QUARTER | in3 + QUARTER;
    outside |= in4 + QUARTER | in5 + QUARTER | in6 + QUARTER | in7 + QUARTER;
    int even = (in2 + in6) * COS_0_541;
    int cos2 = even - in6 * COS_1_847;
    int cos6 = even + in2 * COS_0_765;
    int sum = (in0 + in4 << FRACTION) + COLUMN_HALF;
    int difference = (in0 - in4 << FRACTION) + COLUMN_HALF;
    int z5 = (in7 + in3 + in5 + in1) * COS_1_175;
    int z3 = z5 - (in7 + in3) * COS_1_961;
    int z4 = z5 - (in5 + in1) * COS_0_390;
    int z1 = (in7 + in1) * -COS_0_899;
    int z2 = (in5 + in3) * -COS_2_562;
    store(x, sum + cos6, in1 * COS_1_501 + z1 + z4, 0, 7);
    store(x, difference + cos2, in3 * COS_3_072 + z2 + z3, 1, 6);
    store(x, difference - cos2, in5 * COS_2_053 + z2 + z4, 2, 5);
    store(x, sum - cos6, in7 * COS_0_298 + z1 + z3, 3, 4);
  }

  private void store(int x, int even, int odd, int upper, int lower) {
    int above = even + odd >> COLUMN_SHIFT;
    int below = even - odd >> COLUMN_SHIFT;
    outside |= above + QUARTER | below + QUARTER;
    work[x + 8 * upper] = above;
    work[x + 8 * lower] = below;
  }

  /** A row whose right four values are zero. */
  private void leftRow(int i, byte[] samples, int to) {
    int in1 = work[i + 1];
    int in2 = work[i + 2];
    int in3 = work[i + 3];
    int dc = (work[i] << FRACTION) + ROW_HALF;
    int cos2 = in2 * COS_0_541;
    int cos6 = in2 * (COS_0_541 + COS_0_765);
    int z5 = (in1 + in3) * COS_1_175;
    int z3 = z5 - in3 * COS_1_961;
    int z4 = z5 - in1 * COS_0_390;
    int z1 = in1 * -COS_0_899;
    int z2 = in3 * -COS_2_562;
    write(samples, to, to + 7, dc + cos6, in1 * COS_1_501 + z1 + z4);
    write(samples, to + 1, to + 6, dc + cos2, in3 * COS_3_072 + z2 + z3);
    write(samples, to + 2, to + 5, dc - cos2, z2 + z4);
    write(samples, to + 3, to + 4, dc - cos6, z1 + z3);
  }

  private void row(int i, byte[] samples, int to) {
    int in0 = work[i];
    int in1 = work[i + 1];
    int in2 = work[i + 2];
    int in3 = work[i + 3];
    int in4 = work[i + 4];
    int in5 = work[i + 5];
    int in6 = work[i + 6];
    int in7 = work[i + 7];
    int even = (in2 + in6) * COS_0_541;
    int cos2 = even - in6 * COS_1_847;
    int cos6 = even + in2 * COS_0_765;
    int sum = (in0 + in4 << FRACTION) + ROW_HALF;
    int difference = (in0 - in4 << FRACTION) + ROW_HALF;
    int z5 = (in7 + in3 + in5 + in1) * COS_1_175;
    int z3 = z5 - (in7 + in3) * COS_1_961;
    int z4 = z5 - (in5 + in1) * COS_0_390;
    int z1 = (in7 + in1) * -COS_0_899;
    int z2 = (in5 + in3) * -COS_2_562;
    write(samples, to, to + 7, sum + cos6, in1 * COS_1_501 + z1 + z4);
    write(samples, to + 1, to + 6, difference + cos2, in3 * COS_3_072 + z2 + z3);
    write(samples, to + 2, to + 5, difference - cos2, in5 * COS_2_053 + z2 + z4);
    write(samples, to + 3, to + 4, sum - cos6, in7 * COS_0_298 + z1 + z3);
  }

  private static void write(byte[] samples, int left, int right, int even, int odd) {
    samples[left] = Levels.near(even + odd >> ROW_SHIFT);
    samples[right] = Levels.near(even - odd >> ROW_SHIFT);
  }

  static byte level(int value) {
    return (byte) (value < 0 ? 0 : Math.min(value, 255));
  }
}
