package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.raster.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** EXIF orientation against PIL.ImageOps.exif_transpose. */
class OrientationTest {
  @ParameterizedTest
  @CsvSource({
    "turned-2.png, 20, 14",
    "turned-3.png, 20, 14",
    "turned-4.png, 20, 14",
    "turned-5.png, 14, 20",
    "turned-6.png, 14, 20",
    "turned-7.png, 14, 20",
    "turned-8.png, 14, 20",
    "turned-6.webp, 14, 20"
  })
  void losslessKindsAreEqualToPillow(String name, int width, int height) {
    TestImages.assertEqual(name, upright(name), TestImages.pillow(name, width, height));
  }

  @ParameterizedTest
  @CsvSource({"turned-3.jpg, 20, 14", "turned-6.jpg, 14, 20", "turned-8.jpg, 14, 20"})
  void jpegIsCloseToPillow(String name, int width, int height) {
    TestImages.assertClose(name, upright(name), TestImages.pillow(name, width, height), 2, 0.25);
  }

  @Test
  void isNotAppliedUnlessAskedFor() {
    RgbImage found = TestImages.read("image-files/turned-6.png");
    assertThat(found.width()).isEqualTo(20);
    assertThat(found.height()).isEqualTo(14);
  }

  @Test
  void isAlwaysAppliedToTiffAsPillowDoes() {
    String name = "turned-always.tif";
    RgbImage found = TestImages.read("image-files/" + name);
    TestImages.assertEqual(name, found, TestImages.pillow(name, 14, 20));
  }

  @Test
  void damagedExifLeavesTheImageAsItIs() {
    byte[] jpeg = TestImages.bytes("image-files/turned-6.jpg");
    for (int at = 0; at < 60; at++) {
      if (jpeg[at] == 'E' && jpeg[at + 1] == 'x' && jpeg[at + 2] == 'i') {
        jpeg[at + 6] = '?'; // the byte order mark
      }
    }
    assertThat(Orientation.of(jpeg, ImageFormat.JPEG)).isEqualTo(new Orientation(1));
  }

  @Test
  void tagsOutsideOneToEightAreRefused() {
    assertThatThrownBy(() -> new Orientation(9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tag (9) must be 1 to 8");
  }

  private static RgbImage upright(String name) {
    ImageSource source = ImageSource.of(TestImages.bytes("image-files/" + name));
    return new ImageReader().read(source, ImageOptions.defaults().withExifOrientation(true));
  }
}
