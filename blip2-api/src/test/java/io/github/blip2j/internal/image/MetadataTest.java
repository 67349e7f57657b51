package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a JPEG says how it is turned, segment by segment, and what turning it does. */
class MetadataTest {
  private static final int APP1 = 0xe1;
  private static final int SCAN = 0xda;
  private static final int ORIENTATION = 0x0112;
  private static final int SHORT = 3;
  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  /** A file's beginning. */
  private static final class Jpeg {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Jpeg() {
      bytes(0xff, 0xd8);
    }

    Jpeg bytes(int... bytes) {
      for (int value : bytes) {
        out.write(value);
      }
      return this;
    }

    Jpeg segment(int marker, byte[] contents) {
      int length = contents.length + 2;
      bytes(0xff, marker, length >> 8, length & 0xff);
      out.writeBytes(contents);
      return this;
    }

    Jpeg exif(byte[] tiff) {
      return segment(APP1, joined(EXIF, tiff));
    }

    Jpeg xmp(String packet) {
      return segment(APP1, joined(XMP, latin(packet)));
    }

    byte[] toBytes() {
      return out.toByteArray();
    }

    int orientation() {
      return Orientation.of(toBytes(), ImageFormat.JPEG).tag();
    }
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] joined(String front, byte[] behind) {
    return ByteBuffer.allocate(front.length() + behind.length)
        .put(latin(front))
        .put(behind)
        .array();
  }

  /** A block with the tag of the orientation, in a directory at a place. */
  private static byte[] tiff(int place, int orientation) {
    ByteBuffer tiff = ByteBuffer.allocate(place + 18).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put(latin("II*\0")).putInt(place).position(place);
    tiff.putShort((short) 1).putShort((short) ORIENTATION).putShort((short) SHORT);
    return tiff.putInt(1).putInt(orientation).putInt(0).array();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void theOrientationIsThatOfTheExifBlock(int orientation) {
    assertThat(new Jpeg().exif(tiff(8, orientation)).orientation()).isEqualTo(orientation);
  }

  /** A segment has at most 64 kB; Pillow joins the blocks of several. */
  @Test
  void exifGoesOnInTheNextSegment() {
    byte[] tiff = tiff(60_000, 6);
    Jpeg jpeg = new Jpeg().exif(Arrays.copyOf(tiff, 50_000));
    jpeg.segment(0xe0, new byte[3]).exif(Arrays.copyOfRange(tiff, 50_000, tiff.length));
    assertThat(jpeg.orientation()).isEqualTo(6);
    assertThat(Metadata.jpeg(jpeg.toBytes()).exif()).isEqualTo(joined(EXIF, tiff));
  }

  @ParameterizedTest
  @CsvSource({
    "tiff:Orientation=\"3\",3",
    "<tiff:Orientation>8</tiff:Orientation>,8",
    "tiff:Orientation=\"9\",1",
    "tiff:Orientation=3,1",
    "exif:Orientation=\"3\",1"
  })
  void withoutExifItIsThatOfTheXmpPacket(String packet, int expected) {
    assertThat(new Jpeg().xmp(packet).orientation()).isEqualTo(expected);
    assertThat(new Jpeg().xmp(packet).exif(tiff(8, 5)).orientation())
        .as("EXIF comes first, wherever it stands")
        .isEqualTo(5);
  }

  @Test
  void theLastXmpPacketCounts() {
    Jpeg jpeg = new Jpeg().xmp("tiff:Orientation=\"3\"").xmp("tiff:Orientation=\"6\"");
    assertThat(jpeg.orientation()).isEqualTo(6);
  }

  @Test
  void segmentsAreFoundBetweenOthersAndBeforeTheScanOnly() {
    Jpeg jpeg = new Jpeg().bytes(7, 7, 0xff, 0xff, 0x01, 0xff, 0xd3);
    jpeg.segment(0xfe, latin("a comment")).segment(APP1, latin("something else"));
    assertThat(jpeg.exif(tiff(8, 6)).orientation()).isEqualTo(6);
    Jpeg late = new Jpeg().segment(SCAN, new byte[4]).exif(tiff(8, 6));
    assertThat(late.orientation()).isEqualTo(1);
    assertThat(new Jpeg().bytes(0xff, 0xd9).exif(tiff(8, 6)).orientation()).isEqualTo(1);
  }

  @Test
  void prefixesMayComeTwice() {
    assertThat(new Jpeg().exif(joined(EXIF, tiff(8, 6))).orientation()).isEqualTo(6);
  }

  /** Whatever the block says, the image itself can still be shown. */
  @Test
  void damagedBlocksLeaveTheImageAsItIs() {
    byte[] whole = new Jpeg().exif(tiff(8, 6)).toBytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThat(Orientation.of(cut, ImageFormat.JPEG).tag()).isIn(1, 6);
    }
    for (int i = 2; i < whole.length; i++) {
      for (int value : new int[] {0, 0x7f, 0x80, 0xff}) {
        byte[] other = whole.clone();
        other[i] = (byte) value;
        assertThat(Orientation.of(other, ImageFormat.JPEG).tag()).isBetween(1, 8);
      }
    }
    assertThat(new Jpeg().exif(tiff(8, 9)).orientation()).isEqualTo(1);
    assertThat(new Jpeg().exif(new byte[0]).orientation()).isEqualTo(1);
  }

  /** A BigTIFF's first directory may be said to lie anywhere within 2^64 bytes. */
  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 7, Long.MIN_VALUE, -1})
  void impossiblePlacesAreNone(long place) {
    ByteBuffer big = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    big.put(latin("II+\0")).putShort((short) 8).putShort((short) 0).putLong(place);
    assertThat(new Jpeg().exif(big.array()).orientation()).isEqualTo(1);
  }

  /** EXIF 2.32, 4.6.4.A: what the first row and the first column of the file are. */
  @ParameterizedTest
  @CsvSource({
    "1,abc/def",
    "2,cba/fed",
    "3,fed/cba",
    "4,def/abc",
    "5,ad/be/cf",
    "6,da/eb/fc",
    "7,fc/eb/da",
    "8,cf/be/ad"
  })
  void turningMovesEveryPixel(int tag, String expected) {
    byte[] rgb = new byte[18];
    for (int i = 0; i < 6; i++) {
      Arrays.fill(rgb, 3 * i, 3 * i + 3, (byte) ('a' + i));
    }
    RgbImage turned = new Orientation(tag).apply(new RgbImage(3, 2, rgb));
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      rows.append(i > 0 && i % turned.width() == 0 ? "/" : "");
      rows.append((char) turned.rgb()[3 * i]);
    }
    assertThat(rows).hasToString(expected);
  }
}
