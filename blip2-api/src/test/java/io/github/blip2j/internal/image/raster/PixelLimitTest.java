package io.github.blip2j.internal.image.raster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes are compared before anything is allocated for them, whatever a file claims. */
class PixelLimitTest {
  private static final PixelLimit SMALL = new PixelLimit("x.png", 100);
  private static final PixelLimit HUGE = new PixelLimit("x.png", Long.MAX_VALUE);

  @Test
  void asManyPixelsAsAreAcceptedFit() {
    for (int[] size : new int[][] {{10, 10}, {100, 1}, {0, 5}, {33, 3}}) {
      assertThatCode(() -> SMALL.check(size[0], size[1])).doesNotThrowAnyException();
    }
    assertThatCode(() -> HUGE.check(715_827_879, 1)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "101,1,101 (101x1)",
    "11,10,110 (11x10)",
    "2147483647,2147483647,4611686014132420609",
    "2147483648,1,more (2147483648x1)",
    "1,4294967295,more (1x4294967295)"
  })
  void moreAreRefusedWithTheirNumber(long width, long height, String found) {
    assertThatThrownBy(() -> SMALL.check(width, height))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageStartingWith("x.png: expected at most 100 pixels (maxPixels), found " + found);
  }

  @Test
  void anArrayHoldsSoManyWhateverIsAccepted() {
    assertThatThrownBy(() -> HUGE.check(715_827_880, 1))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(
            "x.png: expected at most 715827879 pixels, the most that an array holds, found"
                + " 715827880 (715827880x1)");
  }
}
