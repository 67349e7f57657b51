package io.github.blip2j.internal.image.tiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.GrayJpeg;
import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small TIFF files that ask for much: what they cost is bounded before it is spent. */
class CostlyTiffsTest {
  private static final PixelLimit LIMIT = new PixelLimit("costly", 1 << 24);
  private static final int WIDTH = 8;

  /**
   * A file of strips that are all the same bytes, padded at their end.
   *
   * @param compression TIFF's number
   * @param photometric 1 for levels, 6 for luma and chroma
   * @param strip its bytes
   * @param length how many they are with padding
   * @param strips how many there are, of eight rows each
   */
  private static byte[] alike(
      int compression, int photometric, byte[] strip, int length, int strips) {
    long[] all = new long[strips];
    int begin = 0;
    byte[] file = {};
    for (int round = 0; round < 2; round++) { // the second knows how long tags are
      Arrays.fill(all, begin);
      TiffTags tags = tags(compression, photometric, strips).with(273, TiffTags.LONG, all.clone());
      Arrays.fill(all, length);
      file = tags.with(279, TiffTags.LONG, all).toBytes();
      begin = file.length;
    }
    byte[] whole = Arrays.copyOf(file, begin + length);
    System.arraycopy(strip, 0, whole, begin, strip.length);
    return whole;
  }

  private static TiffTags tags(int compression, int photometric, int strips) {
    long[] bits = new long[photometric == 6 ? 3 : 1];
    boolean facsimile = compression < TiffDecoder.LZW;
    Arrays.fill(bits, facsimile ? 1 : 8);
    return TiffTags.littleEndian()
        .with(256, TiffTags.LONG, WIDTH)
        .with(257, TiffTags.LONG, 8L * strips)
        .with(258, TiffTags.SHORT, bits)
        .with(259, TiffTags.SHORT, compression)
        .with(262, TiffTags.SHORT, photometric)
        .with(266, TiffTags.SHORT, photometric == 6 || compression == TiffDecoder.JPEG ? 1 : 2)
        .with(277, TiffTags.SHORT, bits.length)
        .with(278, TiffTags.LONG, 8)
        .with(530, TiffTags.SHORT, 1, 1);
  }

  private static RgbImage read(byte[] file) throws IOException {
    return TiffDecoder.read(file, LIMIT);
  }

  /** A strip of each compression: whatever it holds, it is refused before it is read. */
  @ParameterizedTest
  @CsvSource({"2, 1", "3, 1", "4, 1", "5, 1", "8, 1", "32773, 1", "5, 6", "8, 6", "7, 1", "7, 6"})
  void stripsThatOverlapMuchAreRefused(int compression, int photometric) {
    byte[] strip = new byte[200];
    assertThatThrownBy(() -> read(alike(compression, photometric, strip, 100_000, 2000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected strips or tiles of at most")
        .hasMessageContaining("found 200000000");
  }

  @Test
  void tablesAreReadWithEachStrip() throws IOException {
    byte[] gray = GrayJpeg.progressive(WIDTH, 0);
    byte[] tables = new byte[1_000_000];
    TiffTags tags = tags(TiffDecoder.JPEG, 1, 100).with(347, TiffTags.BYTE, wide(tables));
    long[] all = new long[100];
    tags.with(273, TiffTags.LONG, all.clone());
    Arrays.fill(all, gray.length);
    tags.with(279, TiffTags.LONG, all);
    assertThatThrownBy(() -> read(tags.toBytes()))
        .hasMessageContaining("expected strips or tiles of at most");
  }

  private static long[] wide(byte[] bytes) {
    long[] wide = new long[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      wide[i] = bytes[i];
    }
    return wide;
  }

  /** As tiles of one colour are that a program has written once. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2000})
  void stripsMayBeTheSame(int strips) throws IOException {
    byte[] gray = GrayJpeg.progressive(WIDTH, 0);
    byte[] found = read(alike(TiffDecoder.JPEG, 1, gray, gray.length, strips)).rgb();
    assertThat(found).hasSize(3 * 8 * WIDTH * strips).containsOnly(128);
    byte[] packed = Packed.PACK_BITS.of(new byte[8 * WIDTH]);
    found = read(alike(32_773, 1, turned(packed), packed.length, strips)).rgb();
    assertThat(found).hasSize(3 * 8 * WIDTH * strips).containsOnly(0);
  }

  private static byte[] turned(byte[] bytes) {
    byte[] turned = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      turned[i] = (byte) (Integer.reverse(bytes[i]) >>> 24);
    }
    return turned;
  }

  /** One tile of levels, wherever its data are said to be. */
  private static TiffTags tile(int compression, int image, int width, int height) {
    return TiffTags.littleEndian()
        .with(256, TiffTags.LONG, image)
        .with(257, TiffTags.LONG, image)
        .with(258, TiffTags.SHORT, compression < TiffDecoder.LZW ? 1 : 8)
        .with(259, TiffTags.SHORT, compression)
        .with(262, TiffTags.SHORT, 1)
        .with(322, TiffTags.LONG, width)
        .with(323, TiffTags.LONG, height);
  }

  /** Memory is taken for a row of a tile, and for all of one that is a JPEG image. */
  @ParameterizedTest
  @CsvSource({
    "4, 1, 536870848, 1",
    "8, 1, 67108864, 1",
    "7, 1000, 8192, 7168",
    "7, 4000, 8192, 16384",
    "7, 4000, 2147483647, 2147483647"
  })
  void tilesOfMuchMemoryAreRefused(int compression, int image, int width, int height) {
    TiffTags tags = tile(compression, image, width, height);
    tags.with(324, TiffTags.LONG, 8).with(325, TiffTags.LONG, 60);
    assertThatThrownBy(() -> read(tags.toBytes())).hasMessage("tiles much larger than the image");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1024})
  void tilesMayBeLargerThanTheImage(int image) throws IOException {
    byte[] gray = GrayJpeg.progressive(1024, 0);
    TiffTags tags = tile(TiffDecoder.JPEG, image, 1024, 1024).with(325, TiffTags.LONG, gray.length);
    byte[] file = tags.with(324, TiffTags.LONG, tags.toBytes().length + 12).toBytes();
    byte[] whole = Arrays.copyOf(file, file.length + gray.length);
    System.arraycopy(gray, 0, whole, file.length, gray.length);
    assertThat(read(whole).rgb()).hasSize(3 * image * image).containsOnly(128);
  }
}
