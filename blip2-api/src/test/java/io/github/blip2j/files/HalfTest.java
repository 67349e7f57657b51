package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

  @Test
  void everyHalfIsItsOwnNearest() {
    for (int word = 0; word < 1 << 16; word++) {
      float value = Half.half((short) word);
      if (Float.isNaN(value)) {
        assertThat(Half.half(Half.round(value))).isNaN();
      } else {
        assertThat(Half.round(value)).as("%x", word).isEqualTo((short) word);
      }
    }
  }

  @Test
  void whatLiesBetweenGoesToTheNearerAndHalfWayToTheEven() {
    for (int word = 0; word < 0x7bff; word++) { // the largest finite one is 7bff
      double below = Half.half((short) word);
      double above = Half.half((short) (word + 1));
      float middle = (float) ((below + above) / 2);
      int even = word % 2 == 0 ? word : word + 1;
      assertThat(Half.round(middle)).as("%x", word).isEqualTo((short) even);
      assertThat(Half.round(Math.nextDown(middle))).isEqualTo((short) word);
      assertThat(Half.round(-Math.nextUp(middle))).isEqualTo((short) (word + 1 | 0x8000));
    }
    assertThat(Half.round(65_519)).isEqualTo((short) 0x7bff);
    assertThat(Half.round(65_520)).isEqualTo((short) 0x7c00);
    assertThat(Half.round(1e9f)).isEqualTo((short) 0x7c00);
    assertThat(Half.round(1e-9f)).isEqualTo((short) 0);
  }

  @Test
  void encodingUndoesDecoding() {
    float[] values = {0, -1.5f, 65_504, 1e-7f, Float.NEGATIVE_INFINITY, 0.333f};
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
      Half.encode(dtype, values, values.length, bytes);
      assertThat(bytes.position()).isEqualTo(values.length * dtype.bytes());
      float[] once = new float[values.length];
      Half.decode(dtype, bytes.flip(), once, once.length);
      bytes.clear();
      Half.encode(dtype, once, once.length, bytes);
      float[] twice = new float[values.length];
      Half.decode(dtype, bytes.flip(), twice, twice.length);
      assertThat(twice).as(dtype.name()).containsExactly(once);
      assertThat(once[1]).isEqualTo(-1.5f);
      assertThat(once[5]).isCloseTo(0.333f, within(0.333f / 256));
    }
  }
}
