package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {
  /** By the definition of binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
  private static double definition(int word) {
    int exponent = word >> 10 & 31;
    int fraction = word & 1023;
    double magnitude =
        exponent == 0
            ? fraction * 0x1p-24
            : exponent < 31
                ? (1024 + fraction) * Math.pow(2, exponent - 25)
                : fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    return word >> 15 == 0 ? magnitude : -magnitude;
  }

  @Test
  void everyHalfIsWidenedExactly() {
    for (int word = 0; word < 1 << 16; word++) {
      float found = Half.half((short) word);
      double expected = definition(word);
      if (Double.isNaN(expected)) {
        assertThat(found).isNaN();
      } else {
        assertThat((double) found).as("%04x", word).isEqualTo(expected);
      }
    }
    assertThat(Float.floatToRawIntBits(Half.half((short) 0x8000))).isEqualTo(0x80000000);
  }
}
