package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interpolated chroma and colours, against libwebp's scalar code one pixel at a time. */
class ColorRowsTest {
  private static final int COLUMNS = 3; // of macroblocks
  private static final int LUMA_ROW = 16 * COLUMNS;
  private static final int CHROMA_ROW = 8 * COLUMNS;
  private static final int START = 5; // in the target
  private static final byte UNTOUCHED = 99;

  private final SplittableRandom random = new SplittableRandom(601);

  private ColorRows.Planes planes(int width) {
    ColorRows.Planes planes = ColorRows.Planes.of(COLUMNS, 1, width);
    random.nextBytes(planes.luma());
    random.nextBytes(planes.blue());
    random.nextBytes(planes.red());
    return planes;
  }

  /** src/dsp/upsampling.c: 9, 3, 3 and 1 sixteenths, in two steps; 3 and 1 quarters at an edge. */
  private static int chroma(byte[] plane, int near, int far, int x, int width) {
    int column = x / 2;
    int other = x % 2 == 0 ? column - 1 : column + 1;
    int close = plane[near + column] & 0xff;
    int across = plane[far + column] & 0xff;
    if (x == 0 || x == width - 1 && x % 2 == 1) {
      return (3 * close + across + 2) / 4;
    }
    int beside = plane[near + other] & 0xff;
    int diagonal = plane[far + other] & 0xff;
    int sum = close + across + beside + diagonal + 8;
    return ((sum + 2 * (beside + across)) / 8 + close) / 2;
  }

  /** src/dsp/yuv.h. */
  private static int[] color(int y, int u, int v) {
    int luma = y * 19077 >> 8;
    return new int[] {
      clip(luma + (v * 26149 >> 8) - 14234),
      clip(luma - (u * 6419 >> 8) - (v * 13320 >> 8) + 8708),
      clip(luma + (u * 33050 >> 8) - 17685)
    };
  }

  private static int clip(int value) {
    return value < 0 ? 0 : Math.min(255, value >> 6);
  }

  private static void convert(
      ColorRows.Planes planes, int y, int near, int far, byte[] rgb, int start) {
    ColorRows rows = new ColorRows(planes);
    rows.chroma(near);
    rows.chroma(far);
    rows.convert(y, rgb, start);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 16, 17, 33, 47, 48})
  void everyPixelIsThatOfTheScalarCode(int width) {
    for (int round = 0; round < 20; round++) {
      ColorRows.Planes planes = planes(width);
      int y = LUMA_ROW * (2 + round % 9);
      int near = CHROMA_ROW * (1 + round % 4);
      int far = round % 5 == 0 ? near : near + (round % 2 == 0 ? CHROMA_ROW : -CHROMA_ROW);
      byte[] rgb = new byte[START + 3 * width + 4];
      Arrays.fill(rgb, UNTOUCHED);
      convert(planes, y, near, far, rgb, START);
      byte[] expected = new byte[rgb.length];
      Arrays.fill(expected, UNTOUCHED);
      System.arraycopy(expected(planes, y, near, far), 0, expected, START, 3 * width);
      assertThat(rgb).as("round %d", round).isEqualTo(expected);
    }
  }

  /** Two rows between the same rows of chroma, of which each is nearest to one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 31, 48})
  void rowsOfChromaServeTheRowsBetweenThem(int width) {
    ColorRows.Planes planes = planes(width);
    ColorRows rows = new ColorRows(planes);
    rows.chroma(0);
    for (int row = 0; row < 7; row++) {
      int upper = row * CHROMA_ROW;
      int lower = upper + CHROMA_ROW;
      int y = (2 * row + 1) * LUMA_ROW;
      rows.chroma(lower);
      assertThat(converted(rows, y, width))
          .as("below row %d of chroma", row)
          .isEqualTo(expected(planes, y, upper, lower));
      rows.turn();
      assertThat(converted(rows, y + LUMA_ROW, width))
          .as("above row %d of chroma", row + 1)
          .isEqualTo(expected(planes, y + LUMA_ROW, lower, upper));
      rows.turn();
    }
  }

  private static byte[] converted(ColorRows rows, int y, int width) {
    byte[] rgb = new byte[3 * width];
    rows.convert(y, rgb, 0);
    return rgb;
  }

  /** A row of the scalar code. */
  private static byte[] expected(ColorRows.Planes planes, int y, int near, int far) {
    int width = planes.width();
    byte[] rgb = new byte[3 * width];
    for (int x = 0; x < width; x++) {
      int u = chroma(planes.blue(), near, far, x, width);
      int v = chroma(planes.red(), near, far, x, width);
      int[] color = color(planes.luma()[y + x] & 0xff, u, v);
      for (int i = 0; i < 3; i++) {
        rgb[3 * x + i] = (byte) color[i];
      }
    }
    return rgb;
  }

  /** Each luma with the ends of both chromas: nothing runs over into another colour. */
  @Test
  void coloursAreClippedOneByOne() {
    int[] ends = {0, 1, 127, 128, 129, 254, 255};
    ColorRows.Planes planes = planes(1);
    byte[] rgb = new byte[3];
    for (int y = 0; y < 256; y++) {
      for (int u : ends) {
        for (int v : ends) {
          planes.luma()[0] = (byte) y;
          planes.blue()[0] = (byte) u;
          planes.red()[0] = (byte) v;
          convert(planes, 0, 0, 0, rgb, 0);
          int[] found = {rgb[0] & 0xff, rgb[1] & 0xff, rgb[2] & 0xff};
          if (!Arrays.equals(found, color(y, u, v))) {
            assertThat(found).as("%d, %d, %d", y, u, v).isEqualTo(color(y, u, v));
          }
        }
      }
    }
  }
}
