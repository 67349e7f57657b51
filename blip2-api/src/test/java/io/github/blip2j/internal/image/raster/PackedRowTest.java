package io.github.blip2j.internal.image.raster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.internal.image.BitsOut;
import io.github.blip2j.internal.image.raster.PackedRow.RgbRow;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples as files pack them become colours, pixel by pixel, and nothing beside them. */
class PackedRowTest {
  private static final int PIXELS = 29;
  private static final int FRONT = 4; // bytes before the row, in both arrays

  private final SplittableRandom random = new SplittableRandom(7);

  /** What a row gives, as 0xRRGGBB. */
  private static int[] converted(PackedRow row, byte[] data, int pixels) {
    byte[] shifted = new byte[FRONT + data.length];
    System.arraycopy(data, 0, shifted, FRONT, data.length);
    byte[] rgb = new byte[FRONT + 3 * pixels + 3];
    Arrays.fill(rgb, (byte) 99);
    row.convert(shifted, FRONT, new RgbRow(rgb).move(FRONT, pixels));
    for (int i = 0; i < rgb.length; i++) {
      if (i < FRONT || i >= FRONT + 3 * pixels) {
        assertThat(rgb[i]).as("byte %d beside the row", i).isEqualTo((byte) 99);
      }
    }
    int[] colors = new int[pixels];
    Arrays.setAll(
        colors,
        i ->
            (rgb[FRONT + 3 * i] & 0xff) << 16
                | (rgb[FRONT + 3 * i + 1] & 0xff) << 8
                | rgb[FRONT + 3 * i + 2] & 0xff);
    return colors;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void indexesAreLookedUpFromTheHighestBitsOn(int bits) {
    int[] colors = new int[1 << bits];
    Arrays.setAll(colors, i -> random.nextInt(1 << 24));
    BitsOut out = BitsOut.highestFirst();
    int[] expected = new int[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      int index = random.nextInt(1 << bits);
      out.bits(index, bits);
      expected[i] = colors[index];
    }
    assertThat(converted(PackedRow.palette(colors, bits), out.toBytes(), PIXELS))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"1,0", "2,0", "2,1", "4,0"})
  void levelsOfGreyAreReplicated(int bytes, int offset) {
    byte[] data = bytes(bytes * PIXELS);
    int[] expected = new int[PIXELS];
    Arrays.setAll(expected, i -> (data[bytes * i + offset] & 0xff) * 0x010101);
    assertThat(converted(PackedRow.gray(bytes, offset), data, PIXELS)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"3,0,1,2", "3,2,1,0", "4,0,1,2", "4,3,2,1", "6,0,2,4", "8,1,3,5"})
  void coloursAreTakenWhereTheyStand(int bytes, int red, int green, int blue) {
    byte[] data = bytes(bytes * PIXELS);
    int[] expected = new int[PIXELS];
    Arrays.setAll(
        expected,
        i ->
            (data[bytes * i + red] & 0xff) << 16
                | (data[bytes * i + green] & 0xff) << 8
                | data[bytes * i + blue] & 0xff);
    assertThat(converted(PackedRow.rgb(bytes, red, green, blue), data, PIXELS)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sixteenBitsAreClippedNotScaled(boolean bigEndian) {
    int[] values = {0, 1, 255, 256, 300, 65_535};
    byte[] data = new byte[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      data[2 * i + (bigEndian ? 0 : 1)] = (byte) (values[i] >> 8);
      data[2 * i + (bigEndian ? 1 : 0)] = (byte) values[i];
    }
    assertThat(converted(PackedRow.clipped16(bigEndian), data, values.length))
        .containsExactly(0, 0x010101, 0xffffff, 0xffffff, 0xffffff, 0xffffff);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6})
  void fiveAndSixBitsAreStretchedToEight(int greenBits) {
    int greens = (1 << greenBits) - 1;
    byte[] data = new byte[2 * PIXELS];
    int[] expected = new int[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      int red = random.nextInt(32);
      int green = random.nextInt(greens + 1);
      int blue = i == 0 ? 31 : random.nextInt(32);
      int packed = red << 5 + greenBits | green << 5 | blue;
      data[2 * i] = (byte) packed;
      data[2 * i + 1] = (byte) (packed >> 8);
      expected[i] = red * 255 / 31 << 16 | green * 255 / greens << 8 | blue * 255 / 31;
    }
    assertThat(converted(PackedRow.rgb16(greenBits), data, PIXELS)).isEqualTo(expected);
  }

  @Test
  void rampsGoFromBlackToWhite() {
    assertThat(PackedRow.ramp(1)).containsExactly(0, 0xffffff);
    assertThat(PackedRow.ramp(2)).containsExactly(0, 0x555555, 0xaaaaaa, 0xffffff);
    assertThat(PackedRow.ramp(8)).hasSize(256).startsWith(0, 0x010101).endsWith(0xffffff);
  }

  @Test
  void coloursOfAPaletteAreReadAndTheRestIsBlack() {
    int[] colors = PackedRow.colors(new byte[] {9, 1, 2, 3, (byte) 255, 0, 7}, 1, 2);
    assertThat(colors).hasSize(256).startsWith(0x010203, 0xff0007, 0).endsWith(0);
  }
}
