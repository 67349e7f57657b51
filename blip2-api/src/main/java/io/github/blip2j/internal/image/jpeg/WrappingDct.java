package io.github.blip2j.internal.image.jpeg;

/**
 * {@link InverseDct} for blocks whose values leave 16 bits: products with the quantisation table
 * and sums of two inputs wrap around, what is kept between the passes saturates (libjpeg-turbo,
 * jidctint-avx2.asm: vpmullw, vpaddw, vpackssdw). Rare and slow.
 */
final class WrappingDct {
  private WrappingDct() {}

  static void transform(
      short[] values, int from, int[] quantization, byte[] samples, int to, int stride) {
    short[] work = new short[64];
    boolean flat = true;
    for (int i = 0; i < 64; i++) {
      work[i] = (short) (values[from + i] * quantization[i]);
      flat &= i < 8 || values[from + i] == 0;
    }
    for (int x = 0; x < 8; x++) {
      if (flat) {
        short value = (short) (work[x] << 2);
        for (int y = 0; y < 8; y++) {
          work[x + 8 * y] = value;
        }
      } else {
        pass(work, x, 8, InverseDct.COLUMN_SHIFT);
      }
    }
    for (int y = 0; y < 8; y++) {
      pass(work, 8 * y, 1, InverseDct.ROW_SHIFT);
      for (int x = 0; x < 8; x++) {
        samples[to + y * stride + x] = InverseDct.level(work[8 * y + x] + 128);
      }
    }
  }

  private static void pass(short[] v, int at, int step, int shift) {
    int in1 = v[at + step];
    int in2 = v[at + 2 * step];
    int in3 = v[at + 3 * step];
    int in5 = v[at + 5 * step];
    int in6 = v[at + 6 * step];
    int in7 = v[at + 7 * step];
    int sum = (short) (v[at] + v[at + 4 * step]) << InverseDct.FRACTION;
    int difference = (short) (v[at] - v[at + 4 * step]) << InverseDct.FRACTION;
    int cos2 = in2 * InverseDct.COS_0_541 + in6 * (InverseDct.COS_0_541 - InverseDct.COS_1_847);
    int cos6 = in2 * (InverseDct.COS_0_541 + InverseDct.COS_0_765) + in6 * InverseDct.COS_0_541;
    int odd3 = (short) (in7 + in3);
    int odd4 = (short) (in5 + in1);
    int z3 = odd3 * (InverseDct.COS_1_175 - InverseDct.COS_1_961) + odd4 * InverseDct.COS_1_175;
    int z4 = odd3 * InverseDct.COS_1_175 + odd4 * (InverseDct.COS_1_175 - InverseDct.COS_0_390);
    int z1 = in7 * -InverseDct.COS_0_899 + in1 * -InverseDct.COS_0_899;
    int z2 = in5 * -InverseDct.COS_2_562 + in3 * -InverseDct.COS_2_562;
    store(v, at, at + 7 * step, sum + cos6, in1 * InverseDct.COS_1_501 + z1 + z4, shift);
    int odd = in3 * InverseDct.COS_3_072 + z2 + z3;
    store(v, at + step, at + 6 * step, difference + cos2, odd, shift);
    odd = in5 * InverseDct.COS_2_053 + z2 + z4;
    store(v, at + 2 * step, at + 5 * step, difference - cos2, odd, shift);
    store(v, at + 3 * step, at + 4 * step, sum - cos6, in7 * InverseDct.COS_0_298 + z1 + z3, shift);
  }

  private static void store(short[] v, int first, int second, int even, int odd, int shift) {
    int half = 1 << (shift - 1);
    v[first] = saturated(even + odd + half >> shift);
    v[second] = saturated(even - odd + half >> shift);
  }

  private static short saturated(int value) {
    return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, value));
  }
}
