package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.internal.image.webp.EdgeLanes.Strength;
import io.github.blip2j.internal.image.webp.LoopFilter.Limits;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Four positions of an edge at once, against RFC 6386, section 15, one position after another. */
class LoopFilterTest {
  private static final int STRIDE = 32;
  private static final int ROWS = 28;
  private static final int ROUNDS = 400;
  private static final int AT = 6 * STRIDE + 8; // of the first pixel behind the edge
  private static final int MOST_LIMIT = 2 * 63 + 63 + 4;
  private static final int MOST_INTERIOR = 63;
  private static final int MOST_VARIANCE = 2;

  /** Which filter an edge needs. */
  private enum Kind {
    SIMPLE,
    INNER,
    OUTER
  }

  private final SplittableRandom random = new SplittableRandom(15);

  /** Pixels around a level, so that some edges are low enough and others are not. */
  private byte[] plane() {
    byte[] pixels = new byte[ROWS * STRIDE];
    int level = random.nextInt(256);
    int noise = 1 << random.nextInt(9);
    for (int i = 0; i < pixels.length; i++) {
      int step = i % STRIDE < 8 || i < AT - AT % STRIDE ? 0 : noise / 3;
      int value = level + step + random.nextInt(noise) - noise / 2;
      pixels[i] = (byte) Math.max(0, Math.min(255, value));
    }
    return pixels;
  }

  private Strength strength() {
    return new Strength(
        random.nextInt(MOST_LIMIT + 1),
        random.nextInt(MOST_INTERIOR + 1),
        random.nextInt(MOST_VARIANCE + 1));
  }

  /** One position of an edge: the pixels across it begin at {@code q}, {@code step} apart. */
  private record Scalar(byte[] pixels, int q, int step, Strength strength) {
    /** p3 is pixel -4, q0 pixel 0. */
    int level(int i) {
      return pixels[q + i * step] & 0xff;
    }

    int signed(int i) {
      return level(i) - 128;
    }

    void set(int i, int signed) {
      pixels[q + i * step] = (byte) (clamp(signed) + 128);
    }

    static int clamp(int value) {
      return Math.max(-128, Math.min(127, value));
    }

    int apart(int i, int j) {
      return Math.abs(level(i) - level(j));
    }

    /** The RFC's simple_threshold. */
    boolean isLow() {
      return 2 * apart(-1, 0) + apart(-2, 1) / 2 <= strength.limit();
    }

    /** The RFC's filter_yes. */
    boolean isSmooth() {
      boolean smooth = isLow();
      for (int i = 0; i < 3; i++) {
        smooth &= apart(-i - 1, -i - 2) <= strength.interior();
        smooth &= apart(i, i + 1) <= strength.interior();
      }
      return smooth;
    }

    boolean isVaried() {
      return apart(-2, -1) > strength.variance() || apart(1, 0) > strength.variance();
    }

    /** The RFC's common_adjust; gives what q0 lost. */
    int adjust(boolean outerTaps) {
      int outer = outerTaps ? clamp(signed(-2) - signed(1)) : 0;
      int a = clamp(outer + 3 * (signed(0) - signed(-1)));
      int front = clamp(a + 3) >> 3;
      int behind = clamp(a + 4) >> 3;
      set(0, signed(0) - behind);
      set(-1, signed(-1) + front);
      return behind;
    }

    void filter(Kind kind) {
      if (kind == Kind.SIMPLE ? !isLow() : !isSmooth()) {
        return;
      }
      boolean varied = isVaried();
      if (kind == Kind.SIMPLE || kind == Kind.OUTER && varied) {
        adjust(true);
      } else if (kind == Kind.INNER) {
        int a = adjust(varied) + 1 >> 1;
        if (!varied) {
          set(1, signed(1) - a);
          set(-2, signed(-2) + a);
        }
      } else {
        int w = clamp(clamp(signed(-2) - signed(1)) + 3 * (signed(0) - signed(-1)));
        for (int i = 0; i < 3; i++) {
          int a = clamp((27 - 9 * i) * w + 63 >> 7);
          set(i, signed(i) - a);
          set(-1 - i, signed(-1 - i) + a);
        }
      }
    }
  }

  /** Filters planes both ways; some must have changed, and some must not. */
  private void check(Kind kind, int size, boolean vertical) {
    int changed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] pixels = plane();
      byte[] expected = pixels.clone();
      byte[] before = pixels.clone();
      Strength strength = strength();
      for (int i = 0; i < size; i++) {
        int q = vertical ? AT + i * STRIDE : AT + i;
        new Scalar(expected, q, vertical ? 1 : STRIDE, strength).filter(kind);
      }
      LoopFilter filter = new LoopFilter(pixels, STRIDE, size);
      int edge = kind == Kind.INNER ? 4 : 0; // in its macroblock
      Limits limits = new Limits(kind == Kind.SIMPLE, strength, strength);
      if (vertical) {
        filter.columns(AT - edge, edge, edge + 4, limits);
      } else {
        filter.rows(AT - edge * STRIDE, edge, edge + 4, limits);
      }
      assertThat(pixels).as("round %d, %s", round, strength).isEqualTo(expected);
      changed += java.util.Arrays.equals(pixels, before) ? 0 : 1;
    }
    assertThat(changed).as("planes that were filtered").isBetween(ROUNDS / 10, ROUNDS - 20);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void edgesBetweenRowsAreThoseOfTheRfc(Kind kind) {
    check(kind, 16, false);
    check(kind, 8, false);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void edgesBetweenColumnsAreThoseOfTheRfc(Kind kind) {
    check(kind, 16, true);
    check(kind, 8, true);
  }

  /** A macroblock's edges in their order, with and without its own one and those within. */
  @ParameterizedTest
  @CsvSource({
    "0,16,16,true", "0,16,16,false", "4,16,16,true", "4,16,16,false", "0,4,16,true", "0,4,16,false",
    "0,8,8,true", "0,8,8,false", "4,8,8,true", "4,8,8,false", "4,4,8,true", "4,4,16,false"
  })
  void edgesOfAMacroblockAreFilteredOneAfterAnother(
      int first, int end, int size, boolean vertical) {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] pixels = plane();
      byte[] expected = pixels.clone();
      Limits limits = new Limits(round % 3 == 0, strength(), strength());
      for (int edge = first; edge < end; edge += 4) {
        Strength strength = edge == 0 ? limits.outer() : limits.inner();
        Kind kind = limits.simple() ? Kind.SIMPLE : edge == 0 ? Kind.OUTER : Kind.INNER;
        for (int i = 0; i < size; i++) {
          int q = AT + (vertical ? i * STRIDE + edge : edge * STRIDE + i);
          new Scalar(expected, q, vertical ? 1 : STRIDE, strength).filter(kind);
        }
      }
      LoopFilter filter = new LoopFilter(pixels, STRIDE, size);
      if (vertical) {
        filter.columns(AT, first, end, limits);
      } else {
        filter.rows(AT, first, end, limits);
      }
      assertThat(pixels).as("round %d, %s", round, limits).isEqualTo(expected);
    }
  }
}
