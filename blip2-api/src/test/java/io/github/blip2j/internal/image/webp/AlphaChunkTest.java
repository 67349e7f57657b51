package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The alpha of a lossy image is not used, and looked at for damage all the same. */
class AlphaChunkTest {
  private static final int WIDTH = 9;
  private static final int HEIGHT = 7;
  private static final int COMPRESSED = 1;

  private static EncodedFrame frame(byte @Nullable [] alpha) {
    Span image = new Span(new byte[0], 0, 0);
    Span span = alpha == null ? null : new Span(alpha, 0, alpha.length);
    return new EncodedFrame(false, WIDTH, HEIGHT, image, span);
  }

  private static byte[] plain(int header, int bytes) {
    byte[] alpha = new byte[1 + bytes];
    alpha[0] = (byte) header;
    return alpha;
  }

  private static void refused(byte[] alpha, String reason) {
    assertThatThrownBy(() -> AlphaChunk.check(frame(alpha)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void plainAlphaIsAByteForEachPixel() {
    assertThatCode(() -> AlphaChunk.check(frame(null))).doesNotThrowAnyException();
    assertThatCode(() -> AlphaChunk.check(frame(plain(0, 63)))).doesNotThrowAnyException();
    refused(plain(0, 62), "expected a byte for each pixel of 9x7, found 62");
    refused(new byte[1], "ALPH: expected 2 bytes or more, found 1");
  }

  /** Any of four filters in front of the data, and levels that were reduced. */
  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x08, 0x0c, 0x10, 0x1c})
  void filtersAndReducedLevelsAreKnown(int header) {
    assertThatCode(() -> AlphaChunk.check(frame(plain(header, 63)))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x02, 0x03, 0x20, 0x30, 0x40, 0x80})
  void whatNobodyKnowsIsRefused(int header) {
    refused(plain(header, 63), "a method that is known, found header " + header);
  }

  @Test
  void compressedAlphaIsAnImageWithoutAHeader() {
    int[] pixels = new int[WIDTH * HEIGHT];
    Arrays.setAll(pixels, i -> i % 5 << 8);
    LosslessWriter writer = new LosslessWriter(new SplittableRandom(1));
    writer.out().bits(COMPRESSED, 8).bits(0, 1);
    byte[] alpha = writer.image(pixels, WIDTH, 0, true).toBytes();
    assertThatCode(() -> AlphaChunk.check(frame(alpha))).doesNotThrowAnyException();
    refused(Arrays.copyOf(alpha, alpha.length - 3), "the end of their bits");
  }
}
