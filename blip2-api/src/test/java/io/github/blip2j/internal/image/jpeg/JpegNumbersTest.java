package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Orders and ranges that T.81 lays down, and rows of coefficients that keep to them. */
class JpegNumbersTest {
  /** Figure A.6: the place of each coefficient of a block in the order in which they are coded. */
  private static final int[] FIGURE = {
    0, 1, 5, 6, 14, 15, 27, 28, //
    2, 4, 7, 13, 16, 26, 29, 42, //
    3, 8, 12, 17, 25, 30, 41, 43, //
    9, 11, 18, 24, 31, 40, 44, 53, //
    10, 19, 23, 32, 39, 45, 52, 54, //
    20, 22, 33, 38, 46, 51, 55, 60, //
    21, 34, 37, 47, 50, 56, 59, 61, //
    35, 36, 48, 49, 57, 58, 62, 63
  };

  @Test
  void coefficientsAreCodedInZigzag() {
    for (int place = 0; place < 64; place++) {
      assertThat((int) Zigzag.NATURAL[FIGURE[place]]).as("place %d", place).isEqualTo(place);
    }
    for (int k = 64; k < Zigzag.NATURAL.length; k++) {
      assertThat(Zigzag.NATURAL[k]).as("beyond the last").isEqualTo((byte) 63);
    }
    assertThat(Zigzag.bit(0)).isEqualTo(1);
    assertThat(Zigzag.bit(63)).isEqualTo(Long.MIN_VALUE);
    assertThat(Zigzag.bit(70)).isEqualTo(Long.MIN_VALUE);
  }

  /** Table F.1: half of a size's values are negative, those that begin with a 0. */
  @ParameterizedTest
  @CsvSource({
    "1,0,-1",
    "1,1,1",
    "2,0,-3",
    "2,1,-2",
    "2,2,2",
    "2,3,3",
    "3,3,-4",
    "3,4,4",
    "10,0,-1023",
    "10,511,-512",
    "10,512,512",
    "15,32767,32767"
  })
  void bitsOfACoefficientAreExtended(int size, int bits, int value) {
    assertThat(HuffmanTable.extend(bits, size)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"-4096,0", "-1,0", "0,0", "1,1", "254,254", "255,255", "256,255", "4095,255"})
  void levelsEndAtBlackAndWhite(int value, int level) {
    assertThat(Levels.near(value) & 0xff).isEqualTo(level);
  }

  @Test
  void aRowKnowsWhichOfItsCoefficientsMayDifferFromZero() {
    CoefficientRow row = new CoefficientRow(3, 2);
    row.set(4, 2, -7);
    row.set(4, 63, 9);
    assertThat(row.get(4, 2)).isEqualTo(-7);
    assertThat(row.values[4 * CoefficientRow.SIZE + 8]).as("below the first").isEqualTo((short) -7);
    assertThat(row.masks[4]).isEqualTo(1L << 2 | 1L << 63);
    row.set(4, 2, 0);
    row.set(4, 63, 1 << 16); // of which nothing is left in 16 bits
    assertThat(row.masks[4]).isZero();
    row.set(1, 5, 3);
    CoefficientRow copy = new CoefficientRow(3, 2);
    copy.copy(row);
    assertThat(copy.get(1, 5)).isEqualTo(3);
    row.clear();
    assertThat(row.masks).containsOnly(0);
    assertThat(row.values).containsOnly(0);
    assertThat(copy.masks[1]).as("the copy stays").isEqualTo(1L << 5);
  }
}
