package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** VP8's transforms against their definitions, and the short ones against the long one. */
class InverseTransformTest {
  private static final int ROUNDS = 500;
  private static final int STRIDE = WorkBlock.STRIDE;
  private static final int AT = 2 * STRIDE + 5;
  private static final int FROM = 16; // the second block of the coefficients

  private final SplittableRandom random = new SplittableRandom(14);

  private byte[] pixels() {
    byte[] pixels = new byte[AT + 6 * STRIDE];
    random.nextBytes(pixels);
    return pixels;
  }

  /** Coefficients at some places of the second block. */
  private short[] coefficients(int largest, int... places) {
    short[] in = new short[3 * 16];
    for (int place : places) {
      in[FROM + place] = (short) random.nextInt(-largest, largest + 1);
    }
    return in;
  }

  private static double cosine(int u, int x) {
    return (u == 0 ? Math.sqrt(0.5) : 1) * Math.cos((2 * x + 1) * u * Math.PI / 8);
  }

  /** Section 14.3: a DCT of four by four, scaled by an eighth. */
  private static double definition(short[] in, int x, int y) {
    double sum = 0;
    for (int v = 0; v < 4; v++) {
      for (int u = 0; u < 4; u++) {
        sum += in[FROM + 4 * v + u] * cosine(u, x) * cosine(v, y);
      }
    }
    return sum / 4;
  }

  @Test
  void sixteenCoefficientsAreNearADct() {
    int[] all = new int[16];
    Arrays.setAll(all, i -> i);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] before = pixels();
      byte[] after = before.clone();
      short[] in = coefficients(60, all);
      InverseTransform.add(in, FROM, after, AT);
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 4; x++) {
          int i = AT + y * STRIDE + x;
          double expected = (before[i] & 0xff) + definition(in, x, y);
          assertThat((double) (after[i] & 0xff))
              .isCloseTo(Math.max(0, Math.min(255, expected)), within(1.5));
          before[i] = after[i];
        }
      }
      assertThat(after).as("nothing else").isEqualTo(before);
    }
  }

  /** RFC 6386, section 14.3, column by column and then row by row, in loops. */
  private static int[] inLoops(short[] in) {
    int[] values = new int[16];
    for (int i = 0; i < 16; i++) {
      values[i] = in[FROM + i];
    }
    for (int step = 4; step > 0; step -= 3) { // 4 down the columns, 1 along the rows
      for (int i = 0; i < 4; i++) {
        int at = i * (5 - step);
        int[] v = new int[4];
        for (int k = 0; k < 4; k++) {
          v[k] = values[at + k * step];
        }
        int first = v[0] + (step == 1 ? 4 : 0);
        int c = (v[1] * 35468 >> 16) - (v[3] + (v[3] * 20091 >> 16));
        int d = v[1] + (v[1] * 20091 >> 16) + (v[3] * 35468 >> 16);
        values[at] = first + v[2] + d;
        values[at + step] = first - v[2] + c;
        values[at + 2 * step] = first - v[2] - c;
        values[at + 3 * step] = first + v[2] - d;
      }
    }
    return values;
  }

  /** Also where residues are far beyond a level's range. */
  @Test
  void sixteenCoefficientsAreTransformedBitForBit() {
    int[] all = new int[16];
    Arrays.setAll(all, i -> i);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] before = pixels();
      byte[] after = before.clone();
      short[] in = coefficients(1 << round % 15, all);
      InverseTransform.add(in, FROM, after, AT);
      int[] residues = inLoops(in);
      for (int i = 0; i < 16; i++) {
        int at = AT + i / 4 * STRIDE + i % 4;
        int level = (before[at] & 0xff) + (residues[i] >> 3);
        before[at] = (byte) Math.max(0, Math.min(255, level));
      }
      assertThat(after).as("round %d", round).isEqualTo(before);
    }
  }

  @Test
  void shortTransformsAreTheLongOneBitForBit() {
    for (int round = 0; round < ROUNDS; round++) {
      int largest = 1 << round % 12;
      byte[] pixels = pixels();
      short[] three = coefficients(largest, 0, 1, 4);
      byte[] expected = pixels.clone();
      InverseTransform.add(three, FROM, expected, AT);
      byte[] found = pixels.clone();
      InverseTransform.addThree(three, FROM, found, AT);
      assertThat(found).isEqualTo(expected);
      short[] one = coefficients(largest, 0);
      expected = pixels.clone();
      InverseTransform.add(one, FROM, expected, AT);
      found = pixels.clone();
      InverseTransform.addFirst(one[FROM], found, AT);
      assertThat(found).as("%d", one[FROM]).isEqualTo(expected);
    }
  }

  /** Section 14.3: every output is a sum of all inputs, each added or taken off. */
  @Test
  void theSecondTransformIsThatOfWalshAndHadamard() {
    int[][] signs = {{1, 1, 1, 1}, {1, 1, -1, -1}, {1, -1, -1, 1}, {1, -1, 1, -1}};
    for (int round = 0; round < ROUNDS; round++) {
      short[] in = new short[16];
      for (int i = 0; i < 16; i++) {
        in[i] = (short) random.nextInt(-2048, 2048);
      }
      short[] out = new short[16 * 16];
      InverseTransform.second(in, out);
      for (int i = 0; i < 16; i++) {
        int sum = 3;
        for (int j = 0; j < 16; j++) {
          sum += in[j] * signs[j / 4][i / 4] * signs[j % 4][i % 4];
        }
        assertThat(out[16 * i]).as("first of block %d", i).isEqualTo((short) (sum >> 3));
        out[16 * i] = 0;
      }
      assertThat(out).as("nothing but the first of each block").containsOnly(0);
    }
  }
}
