package io.github.blip2j.internal.image.raster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** Arithmetic of four numbers in a long, against that of each of them. */
class LanesTest {
  private static final int ROUNDS = 2000;
  private static final int LANES = 4;
  private static final int LANE_BITS = 16;

  private final SplittableRandom random = new SplittableRandom(64);

  /** A sum, so that what is negative borrows from the next lane. */
  private static long lanes(int... numbers) {
    long sum = 0;
    for (int i = 0; i < LANES; i++) {
      sum += (long) numbers[i] << LANE_BITS * i;
    }
    return sum;
  }

  private static int lane(long lanes, int i) {
    return (int) (lanes >>> LANE_BITS * i) & 0xffff;
  }

  /** Numbers of a range, its ends and what lies around 0 and 255 more often than others. */
  private int[] numbers(int least, int most) {
    int[] edges = {least, most, 0, -1, 1, 255, 256, 254};
    int[] numbers = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      int edge = edges[random.nextInt(edges.length)];
      boolean takesEdge = random.nextBoolean() && edge >= least && edge <= most;
      numbers[i] = takesEdge ? edge : random.nextInt(least, most + 1);
    }
    return numbers;
  }

  private static void assertLanes(long found, int[] from, IntUnaryOperator expected) {
    for (int i = 0; i < LANES; i++) {
      assertThat(lane(found, i))
          .as("lane %d of %s", i, Arrays.toString(from))
          .isEqualTo(expected.applyAsInt(from[i]));
    }
  }

  @Test
  void clippingIsThatOfEachNumber() {
    for (int round = 0; round < ROUNDS; round++) {
      int[] numbers = numbers(-(1 << 13) + 1, (1 << 13) - 1);
      assertLanes(Lanes.clip(lanes(numbers)), numbers, n -> Math.max(0, Math.min(255, n)));
    }
  }

  @Test
  void masksSayWhichNumbersAreNotNegative() {
    for (int round = 0; round < ROUNDS; round++) {
      int[] numbers = numbers(-(1 << 14) + 1, (1 << 14) - 1);
      long mask = Lanes.mask(Lanes.positive(lanes(numbers)));
      assertLanes(mask, numbers, n -> n >= 0 ? 255 : 0);
    }
  }

  @Test
  void limitsHoldOnBothSides() {
    for (int round = 0; round < ROUNDS; round++) {
      int limit = random.nextInt(1 << 9);
      int[] numbers = numbers(-1500, 1500);
      numbers[round % LANES] = random.nextBoolean() ? limit : -limit - random.nextInt(2);
      long mask = Lanes.mask(Lanes.within(lanes(numbers), limit));
      assertLanes(mask, numbers, n -> Math.abs(n) <= limit ? 255 : 0);
    }
  }

  @Test
  void selectionIsByTheMask() {
    for (int round = 0; round < ROUNDS; round++) {
      int[] a = numbers(0, 255);
      int[] b = numbers(0, 255);
      int[] chosen = new int[LANES];
      long mask = 0;
      for (int i = 0; i < LANES; i++) {
        boolean first = random.nextBoolean();
        mask |= (first ? 255L : 0) << LANE_BITS * i;
        chosen[i] = first ? a[i] : b[i];
      }
      assertThat(Lanes.select(mask, lanes(a), lanes(b))).isEqualTo(lanes(chosen));
    }
  }

  private static void assertMoved(long found, int[] a, int[] b, int... places) {
    for (int i = 0; i < LANES; i++) {
      int expected = places[i] < LANES ? a[places[i]] : b[places[i] - LANES];
      assertThat(lane(found, i)).as("lane %d", i).isEqualTo(expected);
    }
  }

  /** Places 0 to 3 are those of the first, 4 to 7 those of the second. */
  @Test
  void lanesOfTwoAreBroughtTogether() {
    int[] a = numbers(0, 65_535);
    int[] b = numbers(0, 65_535);
    assertMoved(Lanes.even(lanes(a), lanes(b)), a, b, 0, 4, 2, 6);
    assertMoved(Lanes.odd(lanes(a), lanes(b)), a, b, 1, 5, 3, 7);
  }

  @Test
  void bytesAreLoadedAndStoredWithTheFirstLowest() {
    byte[] bytes = {0, 1, 2, (byte) 0x83, 4, 5, 6, 7, (byte) 0x88, 9};
    assertThat(Lanes.load(bytes, 1)).isEqualTo(0x8807060504830201L);
    assertThat(Lanes.loadFour(bytes, 3)).isEqualTo(0x06050483L);
    assertThat(Lanes.loadFour(bytes, 5)).as("no sign").isEqualTo(0x88070605L);
    byte[] target = new byte[10];
    Lanes.store(target, 1, 0x8807060504830201L);
    assertThat(target).containsExactly(0, 1, 2, (byte) 0x83, 4, 5, 6, 7, (byte) 0x88, 0);
    Lanes.storeFour(target, 6, 0x0d0c0b0a);
    assertThat(target).containsExactly(0, 1, 2, (byte) 0x83, 4, 5, 10, 11, 12, 13);
  }
}
