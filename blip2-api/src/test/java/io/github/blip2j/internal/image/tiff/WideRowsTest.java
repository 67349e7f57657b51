package io.github.blip2j.internal.image.tiff;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.internal.image.raster.PackedRow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples of TIFF's rarer kinds, one after another, as Pillow makes levels of them. */
class WideRowsTest {
  private static final int FRONT = 3; // bytes in front of the row, in both arrays

  /** The levels of so many pixels; what stands around them is checked to stay. */
  private static int[] levels(PackedRow row, int pixels, byte... data) {
    byte[] shifted = new byte[FRONT + data.length];
    System.arraycopy(data, 0, shifted, FRONT, data.length);
    byte[] rgb = new byte[FRONT + 3 * pixels + 1];
    rgb[0] = 77;
    rgb[rgb.length - 1] = 77;
    row.convert(shifted, FRONT, WideRows.row(rgb).move(FRONT, pixels));
    assertThat(new byte[] {rgb[0], rgb[rgb.length - 1]}).containsExactly(77, 77);
    int[] levels = new int[3 * pixels];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = rgb[FRONT + i] & 0xff;
    }
    return levels;
  }

  private static ByteBuffer buffer(int bytes, boolean big) {
    return ByteBuffer.allocate(bytes).order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Three times each. */
  private static int[] gray(int... levels) {
    int[] all = new int[3 * levels.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = levels[i / 3];
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void signedNumbersAreClippedAtBlackAndWhite(boolean big) {
    ByteBuffer shorts = buffer(12, big);
    for (int value : new int[] {-32768, -1, 0, 7, 255, 32767}) {
      shorts.putShort((short) value);
    }
    assertThat(levels(WideRows.signed16(big), 6, shorts.array()))
        .containsExactly(gray(0, 0, 0, 7, 255, 255));
    ByteBuffer integers = buffer(24, big);
    for (int value : new int[] {Integer.MIN_VALUE, -1, 0, 200, 256, Integer.MAX_VALUE}) {
      integers.putInt(value);
    }
    assertThat(levels(WideRows.signed32(big), 6, integers.array()))
        .containsExactly(gray(0, 0, 0, 200, 255, 255));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fractionsAreCutOff(boolean big) {
    ByteBuffer floats = buffer(28, big);
    for (float value : new float[] {-1e9f, -0.5f, 0.99f, 7.9f, 255.5f, 1e30f, Float.NaN}) {
      floats.putFloat(value);
    }
    assertThat(levels(WideRows.floats(big), 7, floats.array()))
        .containsExactly(gray(0, 0, 0, 7, 255, 255, 0));
  }

  @Test
  void twoSamplesOfTwelveBitsAreThreeBytes() {
    assertThat(levels(WideRows.twelve(), 4, bytes(0x00, 0x70, 0xff, 0x10, 0x00, 0x01)))
        .containsExactly(gray(7, 255, 255, 1));
    assertThat(levels(WideRows.twelve(), 1, bytes(0x0f, 0xf0))).containsExactly(gray(255));
  }

  @Test
  void whatStandsBehindAnIndexIsPassedOver() {
    int[] colors = new int[256];
    colors[2] = 0x123456;
    colors[200] = 0xfedcba;
    assertThat(levels(WideRows.indexAndMore(colors), 2, bytes(2, 99, 200, 98)))
        .containsExactly(0x12, 0x34, 0x56, 0xfe, 0xdc, 0xba);
  }

  /** Paper without ink is white; black takes everything; rounded as Pillow rounds. */
  @ParameterizedTest
  @CsvSource({
    "0,0,0,0,255,255,255",
    "0,0,0,255,0,0,0",
    "255,0,0,0,0,255,255",
    "0,128,255,0,255,127,0",
    "255,255,255,255,0,0,0",
    "100,50,25,60,119,157,176"
  })
  void inksBecomeColours(int c, int m, int y, int k, int red, int green, int blue) {
    int[] expected = {red, green, blue};
    assertThat(levels(WideRows.cmyk(4, 1, 0), 1, bytes(c, m, y, k))).containsExactly(expected);
    assertThat(levels(WideRows.cmyk(5, 1, 0), 1, bytes(c, m, y, k, 99)))
        .as("what is behind black is passed over")
        .containsExactly(expected);
    assertThat(levels(WideRows.cmyk(8, 2, 1), 1, bytes(9, c, 9, m, 9, y, 9, k)))
        .as("of 16 bits the high ones")
        .containsExactly(expected);
    for (int i = 0; i < 3; i++) {
      double exact = (255 - new int[] {c, m, y}[i]) * (255 - k) / 255.0;
      assertThat(expected[i]).isBetween((int) exact - 1, (int) exact + 1);
    }
  }

  @Test
  void alphaIsDividedOut() {
    assertThat(levels(WideRows.premultiplied(4, 1, 0), 1, bytes(10, 64, 128, 128)))
        .containsExactly(10 * 255 / 128, 64 * 255 / 128, 255);
    assertThat(levels(WideRows.premultiplied(4, 1, 0), 1, bytes(10, 200, 128, 100)))
        .as("more colour than alpha allows")
        .containsExactly(25, 255, 255);
    assertThat(levels(WideRows.premultiplied(4, 1, 0), 2, bytes(1, 2, 3, 255, 4, 5, 6, 0)))
        .as("opaque is itself, clear is black")
        .containsExactly(1, 2, 3, 0, 0, 0);
    assertThat(levels(WideRows.premultiplied(8, 2, 0), 1, bytes(10, 9, 64, 9, 128, 9, 128, 9)))
        .containsExactly(19, 127, 255);
  }

  /** Axes of 0 are grey: both are stored as they are, and signed. */
  @ParameterizedTest
  @CsvSource({"0,0", "255,255", "128,119"})
  void lightnessAloneIsGrey(int lightness, int expected) {
    int[] found = levels(WideRows.lab(), 1, bytes(lightness, 0, 0));
    for (int level : found) {
      assertThat(level).isBetween(expected - 2, expected + 2);
    }
  }

  @Test
  void lightnessHasRedAndYellowOnItsPositiveAxes() {
    int[] red = levels(WideRows.lab(), 1, bytes(128, 80, 0));
    assertThat(red[0]).isGreaterThan(red[1] + 50);
    int[] green = levels(WideRows.lab(), 1, bytes(128, -80, 0));
    assertThat(green[1]).isGreaterThan(green[0] + 50);
    int[] yellow = levels(WideRows.lab(), 1, bytes(128, 0, 80));
    assertThat(yellow[0]).isGreaterThan(yellow[2] + 50);
    int[] blue = levels(WideRows.lab(), 1, bytes(128, 0, -80));
    assertThat(blue[2]).isGreaterThan(blue[0] + 50);
  }
}
