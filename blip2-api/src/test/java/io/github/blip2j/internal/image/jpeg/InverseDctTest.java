package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The inverse DCT against its definition (T.81, A.3.3), and its short cuts against the long way.
 */
class InverseDctTest {
  private static final int BLOCKS = 300;
  private static final int SIZE = CoefficientRow.SIZE;
  private static final int STRIDE = 13;
  private static final int AT = 2 * STRIDE + 3;
  private static final byte UNTOUCHED = 77;
  private static final long ALL = -1;

  private final SplittableRandom random = new SplittableRandom(5);
  private final int[] ones = new int[SIZE];

  InverseDctTest() {
    Arrays.fill(ones, 1);
  }

  private static byte[] transformed(short[] block, long mask, int[] quantization) {
    byte[] samples = new byte[AT + 8 * STRIDE];
    Arrays.fill(samples, UNTOUCHED);
    new InverseDct(quantization).transform(block, 0, mask, samples, AT, STRIDE);
    return samples;
  }

  /** Bit k for coefficient k in zigzag order, where it is not 0. */
  private static long mask(short[] block) {
    long mask = 0;
    for (int k = 0; k < SIZE; k++) {
      mask |= block[Zigzag.NATURAL[k]] == 0 ? 0 : Zigzag.bit(k);
    }
    return mask;
  }

  private static double definition(short[] block, int[] quantization, int x, int y) {
    double sum = 0;
    for (int v = 0; v < 8; v++) {
      for (int u = 0; u < 8; u++) {
        double scale = (u == 0 ? Math.sqrt(0.5) : 1) * (v == 0 ? Math.sqrt(0.5) : 1) / 4;
        sum +=
            scale
                * block[8 * v + u]
                * quantization[8 * v + u]
                * Math.cos((2 * x + 1) * u * Math.PI / 16)
                * Math.cos((2 * y + 1) * v * Math.PI / 16);
      }
    }
    return Math.max(0, Math.min(255, sum + 128));
  }

  private static void assertNearDefinition(byte[] samples, short[] block, int[] quantization) {
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 8; x++) {
        assertThat((double) (samples[AT + y * STRIDE + x] & 0xff))
            .as("sample %d, %d", x, y)
            .isCloseTo(definition(block, quantization, x, y), within(1.0));
      }
    }
  }

  /** So many coefficients, those of low frequencies first. */
  private short[] block(int coefficients, int largest) {
    short[] block = new short[SIZE];
    for (int i = 0; i < coefficients; i++) {
      int k = Math.min(random.nextInt(SIZE), random.nextInt(SIZE));
      block[Zigzag.NATURAL[k]] = (short) random.nextInt(-largest, largest + 1);
    }
    return block;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5, 20, 200})
  void samplesAreNearTheDefinition(int coefficients) {
    for (int i = 0; i < BLOCKS / 10; i++) {
      short[] block = block(coefficients, 300 / (1 + coefficients / 4));
      assertNearDefinition(transformed(block, mask(block), ones), block, ones);
    }
  }

  @Test
  void everyCoefficientAloneHasItsOwnWave() {
    for (int k = 0; k < SIZE; k++) {
      short[] block = new short[SIZE];
      block[Zigzag.NATURAL[k]] = (short) (k % 2 == 0 ? 90 : -90);
      assertNearDefinition(transformed(block, mask(block), ones), block, ones);
    }
  }

  @Test
  void coefficientsAreMultipliedByTheirOwnQuantizer() {
    int[] quantization = new int[SIZE];
    Arrays.setAll(quantization, i -> 1 + i % 9);
    for (int i = 0; i < BLOCKS / 10; i++) {
      short[] block = block(6, 12);
      assertNearDefinition(transformed(block, mask(block), quantization), block, quantization);
    }
  }

  /** Whole rows and columns of zeros are left out where the mask says so: bit for bit the same. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 9, 40})
  void theMaskChangesNothingButTheWork(int coefficients) {
    for (int i = 0; i < BLOCKS; i++) {
      short[] block = block(coefficients, 1 << 1 + i % 10);
      byte[] expected = transformed(block, ALL, ones);
      assertThat(transformed(block, mask(block), ones)).isEqualTo(expected);
      assertThat(transformed(block, mask(block) | random.nextLong(), ones)).isEqualTo(expected);
    }
  }

  @Test
  void nothingIsWrittenBesideTheBlock() {
    for (short[] block : new short[][] {block(0, 1), block(1, 50), block(50, 50)}) {
      byte[] samples = transformed(block, mask(block), ones);
      for (int i = 0; i < samples.length; i++) {
        int x = (i - AT) % STRIDE;
        if (i < AT || x >= 8) {
          assertThat(samples[i]).as("byte %d", i).isEqualTo(UNTOUCHED);
        }
      }
    }
  }

  /**
   * However large the values: where 16 bits hold them both ways agree, else the slow one counts.
   */
  @ParameterizedTest
  @ValueSource(ints = {60, 1000, 8000, 16_000, 33_000})
  void whatSixteenBitsDoNotHoldGoesTheSlowWay(int largest) {
    for (int i = 0; i < BLOCKS; i++) {
      int coefficients = 1 + i % 20;
      int[] quantization = new int[SIZE];
      int most = 1 + i % 3 * 40;
      Arrays.setAll(quantization, k -> 1 + random.nextInt(most));
      short[] block = block(coefficients, Math.min(largest, Short.MAX_VALUE));
      byte[] expected = new byte[AT + 8 * STRIDE];
      Arrays.fill(expected, UNTOUCHED);
      WrappingDct.transform(block, 0, quantization, expected, AT, STRIDE);
      assertThat(transformed(block, mask(block), quantization)).isEqualTo(expected);
    }
  }

  @Test
  void levelsEndAtBlackAndWhite() {
    for (int dc : new int[] {-4000, -1025, -1024, 0, 1016, 1017, 4000}) {
      short[] block = new short[SIZE];
      block[0] = (short) dc;
      int expected = Math.max(0, Math.min(255, (dc + 4 >> 3) + 128));
      assertThat(transformed(block, 1, ones)[AT] & 0xff).as("DC %d", dc).isEqualTo(expected);
      assertThat(InverseDct.level(dc) & 0xff).isEqualTo(Math.max(0, Math.min(255, dc)));
    }
  }
}
