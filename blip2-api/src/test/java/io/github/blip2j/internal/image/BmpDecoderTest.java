package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bitmaps of every header, depth and order of rows, put together byte by byte. */
class BmpDecoderTest {
  private static final PixelLimit LIMIT = new PixelLimit("test.bmp", 1 << 20);
  private static final int OS2 = 12;
  private static final int WINDOWS = 40;
  private static final int RUNS = 1;
  private static final int NIBBLE_RUNS = 2;
  private static final int MASKS = 3;
  private static final int[] COLORS = {0x102030, 0xff8040, 0x00ff00, 0x0000fe};

  /** A file; its fields are those of the header. */
  private static final class Bmp {
    private int size = WINDOWS;
    private int width = 3;
    private int height = 2;
    private int bits = 24;
    private int compression;
    private int colors;
    private int offset = -1; // the right one
    private int[] palette = {};
    private int[] masks = {};
    private byte[] pixels = {};

    Bmp size(int value) {
      size = value;
      return this;
    }

    Bmp sides(int across, int down) {
      width = across;
      height = down;
      return this;
    }

    Bmp bits(int value, int... bytes) {
      bits = value;
      pixels = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        pixels[i] = (byte) bytes[i];
      }
      return this;
    }

    Bmp compression(int value) {
      compression = value;
      return this;
    }

    Bmp palette(int... values) {
      palette = values;
      colors = values.length;
      return this;
    }

    Bmp colors(int value) {
      colors = value;
      return this;
    }

    Bmp offset(int value) {
      offset = value;
      return this;
    }

    Bmp masks(int... values) {
      compression = MASKS;
      masks = values;
      return this;
    }

    byte[] toBytes() {
      int entry = size == OS2 ? 3 : 4;
      boolean inside = size >= 56; // where the masks are
      int before = 14 + size + entry * palette.length + (inside ? 0 : 4 * masks.length);
      ByteBuffer file = ByteBuffer.allocate(before + pixels.length);
      file.order(ByteOrder.LITTLE_ENDIAN).put((byte) 'B').put((byte) 'M').position(10);
      file.putInt(offset < 0 ? before : offset).putInt(size);
      if (size == OS2) {
        file.putShort((short) width).putShort((short) height).putShort((short) 1);
        file.putShort((short) bits);
      } else {
        file.putInt(width).putInt(height).putShort((short) 1).putShort((short) bits);
        file.putInt(compression).position(46);
        file.putInt(colors);
      }
      file.position(inside ? 54 : 14 + size);
      for (int mask : masks) {
        file.putInt(mask);
      }
      file.position(inside ? 14 + size : file.position());
      for (int color : palette) {
        file.put((byte) color).put((byte) (color >> 8)).put((byte) (color >> 16));
        file.position(file.position() + entry - 3);
      }
      return file.put(pixels).array();
    }

    /** Each pixel as 0xRRGGBB, row by row. */
    List<Integer> read() throws IOException {
      RgbImage image = BmpDecoder.read(toBytes(), LIMIT);
      assertThat(image.width()).isEqualTo(width);
      assertThat(image.height()).isEqualTo(Math.abs(height));
      List<Integer> pixels = new ArrayList<>();
      for (int i = 0; i < image.rgb().length; i += 3) {
        pixels.add(
            (image.rgb()[i] & 0xff) << 16
                | (image.rgb()[i + 1] & 0xff) << 8
                | image.rgb()[i + 2] & 0xff);
      }
      return pixels;
    }
  }

  private static void refused(Bmp bmp, String reason) {
    assertThatThrownBy(bmp::read).isInstanceOf(IOException.class).hasMessageContaining(reason);
  }

  /** Two rows of three pixels, each filled up to four bytes. */
  private static Bmp indexed() {
    return new Bmp().palette(COLORS).bits(8, 0, 1, 2, 9, 3, 2, 1, 9);
  }

  private static List<Integer> colors(int... indexes) {
    List<Integer> colors = new ArrayList<>();
    for (int index : indexes) {
      colors.add(COLORS[index]);
    }
    return colors;
  }

  @Test
  void theLastRowIsStoredFirstUnlessTheHeightIsNegative() throws IOException {
    assertThat(indexed().read()).isEqualTo(colors(3, 2, 1, 0, 1, 2));
    assertThat(indexed().sides(3, -2).read()).isEqualTo(colors(0, 1, 2, 3, 2, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {OS2, 40, 52, 56, 64, 108, 124})
  void everyHeaderThatPillowKnowsIsRead(int size) throws IOException {
    int[] all = new int[256]; // OS/2 says nothing of how many there are
    System.arraycopy(COLORS, 0, all, 0, COLORS.length);
    assertThat(indexed().size(size).palette(size == OS2 ? all : COLORS).read())
        .isEqualTo(colors(3, 2, 1, 0, 1, 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 11, 16, 39, 41, 128, 1 << 20, -1})
  void otherHeadersAreRefused(int size) {
    byte[] file = indexed().toBytes();
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(14, size);
    assertThatThrownBy(() -> BmpDecoder.read(file, LIMIT)).hasMessageContaining("a header of");
  }

  @Test
  void severalIndexesAreInOneByte() throws IOException {
    assertThat(new Bmp().palette(COLORS).bits(4, 0x01, 0x20, 9, 9, 0x32, 0x10, 9, 9).read())
        .isEqualTo(colors(3, 2, 1, 0, 1, 2));
    assertThat(
            new Bmp()
                .palette(COLORS[0], COLORS[1])
                .bits(1, 0b010_00000, 9, 9, 9, 0b101_00000, 9, 9, 9)
                .read())
        .isEqualTo(colors(1, 0, 1, 0, 1, 0));
  }

  /** Pillow drops a palette that is a ramp: indexes are levels then. */
  @Test
  void greyRampsAndBlackAndWhiteAreLevels() throws IOException {
    assertThat(new Bmp().sides(3, 1).palette(0, 0x010101, 0x020202).bits(8, 2, 200, 1, 0).read())
        .containsExactly(0x020202, 0xc8c8c8, 0x010101);
    assertThat(new Bmp().sides(3, 1).palette(0, 0xffffff).bits(1, 0b101_00000, 0, 0, 0).read())
        .containsExactly(0xffffff, 0, 0xffffff);
  }

  @Test
  void pixelsOfSeveralBytesAreBlueFirst() throws IOException {
    assertThat(new Bmp().sides(2, 1).bits(24, 1, 2, 3, 4, 5, 6, 0, 0).read())
        .containsExactly(0x030201, 0x060504);
    assertThat(new Bmp().sides(2, 1).bits(32, 1, 2, 3, 99, 4, 5, 6, 0).read())
        .containsExactly(0x030201, 0x060504);
    assertThat(new Bmp().sides(2, 1).bits(16, 0x1f, 0, 0, 0x7c).read())
        .as("five bits each, the highest unused")
        .containsExactly(0x0000ff, 0xff0000);
  }

  @ParameterizedTest
  @CsvSource({
    "32,ff0000,ff00,ff,03 02 01",
    "32,ff000000,ff0000,ff00,04 03 02",
    "24,ff0000,ff00,ff,03 02 01"
  })
  void masksNameTheBytesOfColours(int bits, String red, String green, String blue, String expected)
      throws IOException {
    int[] masks = {
      Integer.parseUnsignedInt(red, 16),
      Integer.parseUnsignedInt(green, 16),
      Integer.parseUnsignedInt(blue, 16)
    };
    int color = Integer.parseInt(expected.replace(" ", ""), 16);
    assertThat(new Bmp().sides(1, 1).masks(masks).bits(bits, 1, 2, 3, 4).read())
        .containsExactly(color);
  }

  @Test
  void masksWithAlphaStandInLongHeaders() throws IOException {
    Bmp bmp = new Bmp().size(56).sides(1, 1).masks(0xff, 0xff00, 0xff0000, 0xff000000);
    assertThat(bmp.bits(32, 1, 2, 3, 4).read()).containsExactly(0x010203);
    Bmp green = new Bmp().sides(1, 1).masks(0xf800, 0x7e0, 0x1f);
    assertThat(green.bits(16, 0xe0, 0x07, 0, 0).read()).as("six bits").containsExactly(0x00ff00);
    refused(new Bmp().sides(1, 1).masks(0xff, 0xff00, 0xff0001).bits(32, 1, 2, 3, 4), "the masks");
  }

  /** A run, one pixel, the row's end; four as they follow, the row's end; a run and its end. */
  @Test
  void runsOfBytesAreWrittenOut() throws IOException {
    Bmp runs = new Bmp().sides(4, 3).palette(COLORS).compression(RUNS);
    assertThat(runs.bits(8, 3, 1, 1, 2, 0, 0, 0, 4, 3, 2, 1, 0, 0, 0, 2, 2, 0, 0).read())
        .isEqualTo(colors(2, 2, 0, 0, 3, 2, 1, 0, 1, 1, 1, 2));
  }

  @Test
  void aRunStopsAtItsRowsEndAndAnOddNumberOfBytesIsFilledUp() throws IOException {
    Bmp runs = new Bmp().sides(4, 2).palette(COLORS).compression(RUNS);
    assertThat(runs.bits(8, 9, 1, 0, 0, 0, 3, 1, 2, 3, 77, 1, 2).read())
        .isEqualTo(colors(1, 2, 3, 2, 1, 1, 1, 1));
  }

  @Test
  void aStepLeavesOutPixels() throws IOException {
    Bmp runs = new Bmp().sides(4, 2).palette(COLORS).compression(RUNS);
    assertThat(runs.bits(8, 1, 1, 0, 2, 1, 1, 2, 3).read())
        .isEqualTo(colors(0, 0, 3, 3, 1, 0, 0, 0));
  }

  @Test
  void runsOfNibblesTakeTurns() throws IOException {
    Bmp runs = new Bmp().sides(5, 2).palette(COLORS).compression(NIBBLE_RUNS);
    assertThat(runs.bits(4, 5, 0x12, 0, 0, 0, 4, 0x30, 0x12, 1, 0x33).read())
        .isEqualTo(colors(3, 0, 1, 2, 3, 1, 2, 1, 2, 1));
  }

  @Test
  void aRunThatIsTooShortForTheImageIsRefused() {
    Bmp runs = new Bmp().sides(4, 3).palette(COLORS).compression(RUNS);
    refused(runs.bits(8, 4, 1, 0, 1), "runs that cover only a part");
    refused(new Bmp().compression(RUNS).bits(24, 4, 1), "runs of 24 bits");
    refused(indexed().compression(4), "compression 4");
    refused(indexed().compression(NIBBLE_RUNS).palette(0, 0xffffff), "runs of 8 bits");
  }

  @Test
  void sizesAndPalettesThatAreNoneAreRefused() {
    refused(indexed().sides(0, 2), "no pixels");
    refused(indexed().sides(3, 0), "no pixels");
    refused(indexed().colors(65_537), "a palette of 65537 colours");
    refused(new Bmp().palette(new int[257]).bits(8, new int[8]), "more than 256 colours");
    refused(new Bmp().bits(2, new int[8]).colors(4).palette(COLORS), "2 bits a pixel");
    refused(new Bmp().bits(48, new int[80]), "48 bits a pixel");
  }

  @Test
  void rowsThatAreNotThereAreMissed() {
    byte[] whole = indexed().toBytes();
    for (int cut = 2; cut < whole.length; cut++) {
      byte[] part = java.util.Arrays.copyOf(whole, cut);
      boolean filled = cut == whole.length - 1; // the last byte only fills its row up
      if (!filled) {
        assertThatThrownBy(() -> BmpDecoder.read(part, LIMIT))
            .as("%d bytes", cut)
            .isInstanceOf(IOException.class);
      }
    }
    refused(indexed().offset(1 << 30), "cut short");
    refused(indexed().offset(Integer.MAX_VALUE), "cut short");
  }

  /** Some writers let the pixels begin where the palette does; Pillow looks behind it. */
  @Test
  void pixelsBeginBehindThePaletteWhateverTheHeaderSays() throws IOException {
    assertThat(indexed().offset(14 + WINDOWS).read()).isEqualTo(colors(3, 2, 1, 0, 1, 2));
    assertThat(indexed().offset(0).read()).isEqualTo(colors(3, 2, 1, 0, 1, 2));
  }
}
