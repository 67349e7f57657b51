package io.github.blip2j.internal.image.png;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows unfiltered many bytes at a time, against PNG's section 9 one byte at a time. */
class PngFiltersTest {
  private static final int ROUNDS = 40;
  private static final int MOST_PIXELS = 40;
  private static final int GAP = 5; // bytes between the row above and the row
  private static final int SUB = 1;
  private static final int UP = 2;
  private static final int AVERAGE = 3;

  /** The row at {@code from}, by the specification. */
  private static byte[] naive(byte[] data, int filter, int from, int end, int above, int size) {
    byte[] out = data.clone();
    for (int i = from; i < end; i++) {
      int left = i - size < from ? 0 : out[i - size] & 0xff;
      int up = above == 0 ? 0 : data[i + above] & 0xff;
      int corner = above == 0 || i - size < from ? 0 : data[i + above - size] & 0xff;
      int guess =
          switch (filter) {
            case 0 -> 0;
            case SUB -> left;
            case UP -> up;
            case AVERAGE -> (left + up) / 2;
            default -> paeth(left, up, corner);
          };
      out[i] = (byte) (data[i] + guess);
    }
    return out;
  }

  /** Section 9.4, word for word. */
  private static int paeth(int a, int b, int c) {
    int p = a + b - c;
    int pa = Math.abs(p - a);
    int pb = Math.abs(p - b);
    int pc = Math.abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  }

  /** Random levels, or few different ones, so that guesses tie. */
  private static void fill(SplittableRandom random, byte[] data, boolean extremes) {
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (extremes ? random.nextInt(-1, 2) : random.nextInt());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16, 24, 32, 48, 64})
  void everyFilterIsThatOfTheSpecification(int bits) {
    SplittableRandom random = new SplittableRandom(bits);
    PngFilters filters = new PngFilters(bits);
    int size = Math.max(1, bits / 8);
    for (int round = 0; round < ROUNDS * PngFilters.COUNT; round++) {
      int filter = round % PngFilters.COUNT;
      int bytes = size * random.nextInt(1, MOST_PIXELS);
      int from = bytes + GAP;
      byte[] data = new byte[from + bytes + PngFilters.SLACK];
      fill(random, data, round % 3 == 0);
      byte[] expected = naive(data, filter, from, from + bytes, -from, size);
      filters.undo(data, filter, from, from + bytes, -from);
      assertThat(data)
          .as("filter %d of %d bytes, and what lies around them", filter, bytes)
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 16, 24, 32, 48, 64})
  void aboveTheFirstRowAreZeros(int bits) {
    SplittableRandom random = new SplittableRandom(bits);
    PngFilters filters = new PngFilters(bits);
    int size = Math.max(1, bits / 8);
    for (int filter = 0; filter < PngFilters.COUNT; filter++) {
      byte[] data = new byte[GAP + size * 9 + PngFilters.SLACK];
      fill(random, data, false);
      byte[] expected = naive(data, filter, GAP, GAP + size * 9, 0, size);
      filters.undoFirst(data, filter, GAP, GAP + size * 9);
      assertThat(data).as("filter %d", filter).isEqualTo(expected);
    }
  }

  /** All that three levels can be to each other: 0, 1, 127, 128, 254, 255. */
  @ParameterizedTest
  @ValueSource(ints = {8, 16, 24, 32, 48, 64})
  void paethsGuessIsRightForEveryOrderOfItsThree(int bits) {
    PngFilters filters = new PngFilters(bits);
    int size = bits / 8;
    int[] levels = {0, 1, 127, 128, 254, 255};
    for (int left : levels) {
      for (int up : levels) {
        for (int corner : levels) {
          int from = 2 * size;
          byte[] data = new byte[from + 2 * size + PngFilters.SLACK];
          Arrays.fill(data, 0, size, (byte) corner);
          Arrays.fill(data, size, from, (byte) up);
          Arrays.fill(data, from, from + size, (byte) (left - corner)); // its guess is the corner
          filters.undo(data, 4, from, from + 2 * size, -from);
          byte[] guess = new byte[size];
          Arrays.fill(guess, (byte) paeth(left, up, corner));
          assertThat(Arrays.copyOfRange(data, from + size, from + 2 * size))
              .as("left %d, up %d, corner %d", left, up, corner)
              .isEqualTo(guess);
        }
      }
    }
  }
}
