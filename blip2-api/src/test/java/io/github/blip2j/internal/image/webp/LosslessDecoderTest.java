package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.BitsOut;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that were coded as RFC 9649 says come back pixel by pixel. */
class LosslessDecoderTest {
  private static final int WIDTH = 61;
  private static final int HEIGHT = 43;
  private static final int GREEN = 2; // numbers of transforms
  private static final int PALETTE = 3;

  private final SplittableRandom random = new SplittableRandom(9649);
  private final LosslessWriter writer = new LosslessWriter(random);

  /** Some colours in runs, which repeat in the rows below. */
  private int[] pixels(int colors) {
    int[] palette = new int[colors];
    Arrays.setAll(palette, i -> random.nextInt());
    int[] pixels = new int[WIDTH * HEIGHT];
    for (int i = 0; i < pixels.length; i++) {
      boolean again = i > 2 * WIDTH && random.nextInt(4) > 0;
      pixels[i] = again ? pixels[i - WIDTH - i % 3] : palette[random.nextInt(colors)];
    }
    return pixels;
  }

  private static byte[] decoded(byte[] data) throws IOException {
    byte[] header = Riff.lossless(WIDTH, HEIGHT);
    byte[] all = Arrays.copyOf(header, header.length + data.length);
    System.arraycopy(data, 0, all, header.length, data.length);
    return WebpFile.of(new Riff().with("VP8L", all).toBytes()).decode();
  }

  private static byte[] rgb(int[] pixels) {
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return rgb;
  }

  @ParameterizedTest
  @CsvSource({"3,0", "3,1", "300,0", "300,4", "40,7", "2000,10", "7,11"})
  void literalsCopiesAndColoursOfTheCacheComeBack(int colors, int cacheBits) throws IOException {
    int[] pixels = pixels(colors);
    writer.out().bits(0, 1); // no transform
    writer.image(pixels, WIDTH, cacheBits, true);
    assertThat(decoded(writer.toBytes())).isEqualTo(rgb(pixels));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 6})
  void blocksHaveCodesOfTheirOwn(int cacheBits) throws IOException {
    int[] pixels = pixels(90);
    writer.out().bits(0, 1);
    writer.image(pixels, WIDTH, cacheBits);
    assertThat(decoded(writer.toBytes())).isEqualTo(rgb(pixels));
  }

  @Test
  void greenIsAddedBehindTheImage() throws IOException {
    int[] pixels = pixels(50);
    int[] less = new int[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      int green = pixels[i] >> 8 & 0xff;
      int red = (pixels[i] >> 16) - green & 0xff;
      less[i] = pixels[i] & 0xff00ff00 | red << 16 | pixels[i] - green & 0xff;
    }
    writer.out().bits(1, 1).bits(GREEN, 2).bits(0, 1);
    writer.image(less, WIDTH, 3, true);
    assertThat(decoded(writer.toBytes())).isEqualTo(rgb(pixels));
  }

  /** Indexes lie in green, several in one pixel; the palette is an image of differences. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 11, 100})
  void aPaletteIsAnImageOfItsOwn(int colors) throws IOException {
    int[] palette = new int[colors];
    int[] differences = new int[colors];
    for (int i = 0; i < colors; i++) {
      differences[i] = random.nextInt();
      palette[i] = i == 0 ? differences[0] : RowTransform.add(palette[i - 1], differences[i]);
    }
    int bits = PaletteTransform.bits(colors);
    int packedWidth = RowTransform.blocks(WIDTH, bits);
    int[] packed = new int[packedWidth * HEIGHT];
    int[] pixels = new int[WIDTH * HEIGHT];
    for (int i = 0; i < pixels.length; i++) {
      int index = random.nextInt(colors);
      int x = i % WIDTH;
      int shift = 8 + (x & (1 << bits) - 1) * (8 >> bits);
      packed[i / WIDTH * packedWidth + (x >> bits)] |= index << shift;
      pixels[i] = palette[index];
    }
    writer.out().bits(1, 1).bits(PALETTE, 2).bits(colors - 1, 8);
    writer.image(differences, colors, 0, false);
    writer.out().bits(0, 1);
    writer.image(packed, packedWidth, 2, true);
    assertThat(decoded(writer.toBytes())).isEqualTo(rgb(pixels));
  }

  @Test
  void everyCutIsRefused() throws IOException {
    writer.out().bits(0, 1);
    writer.image(pixels(30), WIDTH, 2, true);
    byte[] whole = writer.toBytes();
    decoded(whole);
    for (int length = 0; length < whole.length - 2; length += 1 + length / 50) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> decoded(cut))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatNoEncoderWritesIsRefused() {
    byte[] twice =
        BitsOut.lowestFirst().bits(1, 1).bits(GREEN, 2).bits(1, 1).bits(GREEN, 2).toBytes();
    assertThatThrownBy(() -> decoded(twice))
        .hasMessage("VP8L: expected each transform once, found 2 twice");
    for (int bits : new int[] {0, 12, 15}) {
      byte[] cache = BitsOut.lowestFirst().bits(0, 1).bits(1, 1).bits(bits, 4).toBytes();
      assertThatThrownBy(() -> decoded(cache))
          .hasMessage("VP8L: expected a cache of 1 to 11 bits, found " + bits);
    }
  }

  /** One code of one symbol each, and so no bits: a copy of the pixel before, from the first on. */
  @Test
  void aCopyOfWhatIsNotThereIsRefused() {
    BitsOut out = BitsOut.lowestFirst().bits(0, 3);
    // Green: 256 of one bit, which is the copy of one pixel; by a code of lengths with one symbol.
    out.bits(0, 1).bits(0, 4).bits(0, 3).bits(1, 3).bits(0, 3).bits(1, 3).bits(0, 1);
    out.code("1").bits(127, 7); // 138 zeros
    out.code("1").bits(107, 7); // 118 zeros, up to 256
    out.code("0"); // symbol 256 has length 1
    out.code("1").bits(12, 7); // 23 zeros
    for (int i = 0; i < 4; i++) {
      out.bits(1, 1).bits(0, 1).bits(0, 1).bits(0, 1); // the symbol 0 alone
    }
    assertThatThrownBy(() -> decoded(out.toBytes()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a copy inside the image, found one of 1 pixels");
  }
}
