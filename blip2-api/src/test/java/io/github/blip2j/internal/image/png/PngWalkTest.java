package io.github.blip2j.internal.image.png;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order of rows, against PNG's section 8 pixel by pixel. */
class PngWalkTest {
  private static final int RGB = 2;

  /** Section 8.2: which pass each pixel of eight by eight belongs to. */
  private static final String[] PASSES = {
    "16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"
  };

  private static PngWalk walk(int width, int height, int interlace) throws IOException {
    byte[] header = PngChunks.joined(PngChunks.big(width, height), 8, RGB, 0, 0, interlace);
    return new PngWalk(new PngChunks().with("IHDR", header).read());
  }

  @ParameterizedTest
  @CsvSource({
    "1,1", "2,1", "1,2", "5,1", "1,5", "4,4", "5,5", "8,8", "9,9", "13,3", "3,17", "31,20"
  })
  void passesAreThoseOfTheSpecification(int width, int height) throws IOException {
    PngWalk walk = walk(width, height, 1);
    int pixels = 0;
    for (int pass = 1; pass <= 7; pass++) {
      boolean first = true;
      for (int y = 0; y < height; y++) {
        int columns = 0;
        int left = -1;
        for (int x = 0; x < width; x++) {
          if (PASSES[y % 8].charAt(x % 8) == '0' + pass) {
            columns++;
            left = left < 0 ? x : left;
          }
        }
        if (columns > 0) {
          assertThat(walk.done()).isFalse();
          assertThat(new int[] {walk.y(), walk.left(), walk.columns(), walk.bytes()})
              .as("pass %d", pass)
              .containsExactly(y, left, columns, 3 * columns);
          assertThat(walk.first()).isEqualTo(first);
          first = false;
          pixels += columns;
          walk.next();
        }
      }
    }
    assertThat(walk.done()).isTrue();
    assertThat(pixels).isEqualTo(width * height);
  }

  @ParameterizedTest
  @CsvSource({"5,4,0", "5,4,1", "1,1,1", "33,17,1"})
  void bytesAreCountedAsTheyAreWalked(int width, int height, int interlace) throws IOException {
    PngWalk walk = walk(width, height, interlace);
    long needed = walk.needed();
    assertThat(walk.longest()).isEqualTo(3 * width);
    for (int space = 0; space <= needed; space += 7) {
      PngWalk rows = walk(width, height, interlace);
      int fitting = 0;
      while (!rows.done() && fitting + 1 + rows.bytes() <= space) {
        fitting += 1 + rows.bytes();
        rows.next();
      }
      assertThat(walk.fitting(space)).as("in %d bytes", space).isEqualTo(fitting);
    }
    long sum = 0;
    for (; !walk.done(); walk.next()) {
      sum += 1 + walk.bytes();
    }
    assertThat(needed).isEqualTo(sum);
  }
}
