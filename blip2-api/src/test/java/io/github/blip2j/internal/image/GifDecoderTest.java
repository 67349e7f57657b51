package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that are packed here come back, wherever they lie on their screen. */
class GifDecoderTest {
  private static final PixelLimit LIMIT = new PixelLimit("test.gif", 1 << 22);
  private static final int PALETTE = 0x80;
  private static final int INTERLACED = 0x40;
  private static final int WHOLE_BYTES = 8; // bits of an index

  private final SplittableRandom random = new SplittableRandom(89);

  /** A file that is put together part by part. */
  private static final class Gif {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Gif(int width, int height, int flags) {
      text("GIF89a").shorts(width, height).bytes(flags, 0, 0);
    }

    Gif text(String text) {
      out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    Gif bytes(int... bytes) {
      for (int value : bytes) {
        out.write(value);
      }
      return this;
    }

    Gif shorts(int... values) {
      for (int value : values) {
        bytes(value & 0xff, value >> 8);
      }
      return this;
    }

    /** A palette in which colour i is (i, shift, 2 i). */
    Gif palette(int count, int shift) {
      for (int i = 0; i < count; i++) {
        bytes(i, shift, 2 * i);
      }
      return this;
    }

    Gif extension(int kind, int... contents) {
      return bytes('!', kind, contents.length).bytes(contents).bytes(0);
    }

    Gif frame(int left, int top, int width, int height, int flags) {
      return bytes(',').shorts(left, top, width, height).bytes(flags);
    }

    /** Packed data in blocks of at most 255 bytes. */
    Gif blocks(int bits, byte[] packed, int largest) {
      bytes(bits);
      for (int at = 0; at < packed.length; at += largest) {
        int count = Math.min(largest, packed.length - at);
        bytes(count);
        out.write(packed, at, count);
      }
      return bytes(0, ';');
    }

    Gif indexes(byte[] indexes, int bits) {
      return blocks(bits, LzwBytes.gif(indexes, bits, true), 255);
    }

    byte[] toBytes() {
      return out.toByteArray();
    }

    RgbImage read() throws IOException {
      return GifDecoder.read(toBytes(), LIMIT);
    }
  }

  private byte[] indexes(int count, int bits) {
    byte[] indexes = new byte[count];
    for (int at = 0; at < count; at++) {
      boolean again = at > 9 && random.nextInt(3) > 0;
      indexes[at] = again ? indexes[at - 9] : (byte) random.nextInt(1 << bits);
    }
    return indexes;
  }

  private static int color(RgbImage image, int x, int y) {
    int at = 3 * (y * image.width() + x);
    return (image.rgb()[at] & 0xff) << 16
        | (image.rgb()[at + 1] & 0xff) << 8
        | image.rgb()[at + 2] & 0xff;
  }

  /** The palette's colour of an index, see {@link Gif#palette}. */
  private static int expected(int index, int shift) {
    return index << 16 | shift << 8 | 2 * index & 0xff;
  }

  @ParameterizedTest
  @CsvSource({"2,255,true", "3,255,true", "5,7,true", "8,255,true", "8,1,true", "8,255,false"})
  void everyWidthOfIndexesComesBack(int bits, int largestBlock, boolean forgets)
      throws IOException {
    int width = 173;
    int height = 211;
    byte[] indexes = indexes(width * height, bits);
    RgbImage image =
        new Gif(width, height, PALETTE | 7)
            .palette(256, 5)
            .frame(0, 0, width, height, 0)
            .blocks(bits, LzwBytes.gif(indexes, bits, forgets), largestBlock)
            .read();
    int[] expected = new int[indexes.length];
    Arrays.setAll(expected, i -> expected(indexes[i] & 0xff, 5));
    int[] found = new int[indexes.length];
    Arrays.setAll(found, i -> color(image, i % width, i / width));
    assertThat(found).isEqualTo(expected);
  }

  /** Rows 0, 8, 16, …, then 4, 12, …, then 2, 6, …, then the odd ones. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 16, 23})
  void interlacedRowsGoWhereTheyBelong(int height) throws IOException {
    byte[] indexes = new byte[2 * height];
    int at = 0;
    int[][] passes = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
    for (int[] pass : passes) {
      for (int y = pass[0]; y < height; y += pass[1]) {
        indexes[at++] = (byte) (y + 1);
        indexes[at++] = (byte) (y + 100);
      }
    }
    RgbImage image =
        new Gif(2, height, PALETTE | 7)
            .palette(256, 5)
            .frame(0, 0, 2, height, INTERLACED)
            .indexes(indexes, WHOLE_BYTES)
            .read();
    for (int y = 0; y < height; y++) {
      assertThat(color(image, 0, y)).as("row %d", y).isEqualTo(expected(y + 1, 5));
      assertThat(color(image, 1, y)).isEqualTo(expected(y + 100, 5));
    }
  }

  @Test
  void aroundAFrameIsTheTransparentColourOrTheFirst() throws IOException {
    byte[] indexes = {1, 2, 3, 4};
    Gif plain = new Gif(6, 5, PALETTE | 2).palette(8, 9);
    RgbImage image = plain.frame(2, 1, 2, 2, 0).indexes(indexes, 3).read();
    assertThat(color(image, 1, 1)).isEqualTo(expected(0, 9));
    assertThat(color(image, 2, 1)).isEqualTo(expected(1, 9));
    assertThat(color(image, 3, 2)).isEqualTo(expected(4, 9));
    assertThat(color(image, 4, 1)).isEqualTo(expected(0, 9));
    RgbImage clear =
        new Gif(6, 5, PALETTE | 2)
            .palette(8, 9)
            .extension(249, 1, 0, 0, 6)
            .frame(2, 1, 2, 2, 0)
            .indexes(indexes, 3)
            .read();
    assertThat(color(clear, 5, 4)).isEqualTo(expected(6, 9));
    RgbImage opaque =
        new Gif(6, 5, PALETTE | 2)
            .palette(8, 9)
            .extension(249, 0, 0, 0, 6)
            .frame(2, 1, 2, 2, 0)
            .indexes(indexes, 3)
            .read();
    assertThat(color(opaque, 5, 4)).as("its flag is not set").isEqualTo(expected(0, 9));
  }

  @Test
  void aFrameThatSticksOutMakesTheScreenLarger() throws IOException {
    RgbImage image =
        new Gif(1, 1, PALETTE | 2)
            .palette(8, 9)
            .frame(3, 2, 2, 2, 0)
            .indexes(new byte[] {1, 2, 3, 4}, 3)
            .read();
    assertThat(image.width() + "x" + image.height()).isEqualTo("5x4");
    assertThat(color(image, 4, 3)).isEqualTo(expected(4, 9));
  }

  @Test
  void theFramesPaletteCountsAndAGreyRampIsNone() throws IOException {
    Gif own = new Gif(1, 1, PALETTE | 2).palette(8, 9).frame(0, 0, 1, 1, PALETTE | 2);
    assertThat(color(own.palette(8, 7).indexes(new byte[] {5}, 3).read(), 0, 0))
        .isEqualTo(expected(5, 7));
    Gif none = new Gif(1, 1, 0).frame(0, 0, 1, 1, 0).indexes(new byte[] {5}, 3);
    assertThat(color(none.read(), 0, 0)).as("levels of grey").isEqualTo(0x050505);
    Gif ramp = new Gif(1, 1, PALETTE | 2).palette(8, 9).frame(0, 0, 1, 1, PALETTE | 2);
    for (int i = 0; i < 8; i++) {
      ramp.bytes(i, i, i);
    }
    assertThat(color(ramp.indexes(new byte[] {5}, 3).read(), 0, 0))
        .as("the ramp is passed over")
        .isEqualTo(expected(5, 9));
  }

  @Test
  void extensionsAreSkipped() throws IOException {
    Gif gif =
        new Gif(1, 1, PALETTE | 2)
            .palette(8, 9)
            .extension(254, 'n', ',', ';')
            .bytes('!', 255, 11)
            .text("NETSCAPE2.0")
            .bytes(3, 1, 0, 0, 0)
            .extension(1, ',')
            .bytes(0, 7) // what stands between parts
            .frame(0, 0, 1, 1, 0)
            .indexes(new byte[] {5}, 3);
    assertThat(color(gif.read(), 0, 0)).isEqualTo(expected(5, 9));
  }

  private static void refused(Gif gif, String reason) {
    assertThatThrownBy(gif::read).isInstanceOf(IOException.class).hasMessageContaining(reason);
  }

  private static Gif started() {
    return new Gif(2, 2, PALETTE | 2).palette(8, 9);
  }

  @Test
  void filesWithoutAFrameAreRefused() {
    byte[] tooShort = "GIF89a\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> GifDecoder.read(tooShort, LIMIT)).hasMessage("cut short");
    refused(started(), "no frame");
    refused(started().bytes(';').frame(0, 0, 2, 2, 0), "no frame");
    refused(started().bytes('!'), "cut short");
    refused(started().bytes(',').shorts(0, 0, 2, 2), "cut short");
    refused(started().frame(0, 0, 0, 2, 0).indexes(new byte[4], 3), "without pixels");
    refused(started().frame(0, 0, 2, 2, 0), "without pixels");
    refused(started().extension(249, 0, 0).frame(0, 0, 2, 2, 0), "extension of 2 bytes");
    refused(started().extension(249, 1, 0, 0).frame(0, 0, 2, 2, 0), "extension of 3 bytes");
  }

  @Test
  void codesThatNobodyWritesAreRefused() {
    byte[] unknown = BitsOut.lowestFirst().bits(8, 4).bits(1, 4).bits(11, 4).toBytes();
    refused(started().frame(0, 0, 2, 2, 0).blocks(3, unknown, 255), "damaged image data");
    byte[] first = BitsOut.lowestFirst().bits(8, 4).bits(10, 4).toBytes();
    refused(started().frame(0, 0, 2, 2, 0).blocks(3, first, 255), "damaged image data");
    refused(started().frame(0, 0, 2, 2, 0).blocks(13, first, 255), "codes of 13 bits");
  }

  @Test
  void pixelsThatAreMissingAreMissed() {
    byte[] three = LzwBytes.gif(new byte[] {1, 2, 3}, 3, true);
    assertThatThrownBy(started().frame(0, 0, 2, 2, 0).blocks(3, three, 255)::read)
        .isInstanceOf(EOFException.class)
        .hasMessage("image data cut short");
    byte[] whole = started().frame(0, 0, 2, 2, 0).indexes(new byte[4], 3).toBytes();
    for (int length = 13; length < whole.length - 3; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> GifDecoder.read(cut, LIMIT)).isInstanceOf(IOException.class);
    }
  }

  /** A frame that so few bytes cannot fill is refused before there is room for it. */
  @Test
  void sizesAreComparedBeforeAnythingIsDecoded() {
    Gif wide = new Gif(2049, 2049, 0).frame(0, 0, 1, 1, 0).indexes(new byte[] {5}, 3);
    assertThatThrownBy(wide::read)
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("2049x2049");
    refused(new Gif(1, 1, 0).frame(0, 0, 2000, 2000, 0).blocks(3, new byte[9], 9), "cut short");
  }
}
