package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.raster.RgbImage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Bit for bit against Pillow 12.3, on the cases of tools/fixtures/make_image_files.py. */
class BicubicResizeTest {
  @Test
  void casesAreEqualToPillow() {
    ByteBuffer cases = ByteBuffer.wrap(TestImages.bytes("image-files/resize.bin"));
    int count = 0;
    while (cases.hasRemaining()) {
      RgbImage source = random(cases.getInt(), cases.getInt());
      int width = cases.getInt();
      int height = cases.getInt();
      byte[] expected = new byte[3 * width * height];
      cases.get(expected);
      TestImages.assertEqual(
          String.format(
              Locale.ROOT, "%dx%d to %dx%d", source.width(), source.height(), width, height),
          BicubicResize.resize(source, width, height),
          new RgbImage(width, height, expected));
      count++;
    }
    assertThat(count).isEqualTo(20);
  }

  @Test
  void sameSizeIsTheImageItself() {
    RgbImage image = random(13, 9);
    assertThat(BicubicResize.resize(image, 13, 9)).isSameAs(image);
  }

  @Test
  void oneColorStaysOneColor() {
    byte[] rgb = new byte[3 * 31 * 17];
    Arrays.fill(rgb, (byte) 200);
    RgbImage found = BicubicResize.resize(new RgbImage(31, 17, rgb), 7, 40);
    assertThat(found.rgb()).containsOnly((byte) 200);
  }

  @Test
  void overshootIsClamped() {
    // An edge 0|255 doubled: weights -0.0703125 and 0.0234375 beside it overshoot both ends.
    byte[] rgb = new byte[3 * 6];
    Arrays.fill(rgb, 9, 18, (byte) 255);
    byte[] found = BicubicResize.resize(new RgbImage(6, 1, rgb), 12, 1).rgb();
    assertThat(found[3 * 4] & 0xff).isZero();
    assertThat(found[3 * 7] & 0xff).isEqualTo(255);
    assertThat(found[3 * 5] & 0xff).isEqualTo(52); // 255 * (0.2265625 - 0.0234375), rounded
  }

  @Test
  void sizesBelowOneAreRefused() {
    assertThatThrownBy(() -> BicubicResize.resize(random(2, 2), 0, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("width x height (0x5) must be at least 1x1");
  }

  @Test
  void imageOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> new RgbImage(2, 2, new byte[11]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rgb.length (11) must be 3 * 2 * 2");
  }

  /** The generator's random_bytes. */
  private static RgbImage random(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    int state = 1;
    for (int i = 0; i < rgb.length; i++) {
      state = state * 1664525 + 1013904223;
      rgb[i] = (byte) (state >>> 24);
    }
    return new RgbImage(width, height, rgb);
  }
}
