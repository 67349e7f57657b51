package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The fixture images, and how they are compared with what Pillow saw in them. */
final class TestImages {
  private TestImages() {}

  /** A file below {@code fixtures}, for example {@code images/photo.jpg}. */
  static byte[] bytes(String file) {
    try (InputStream stream = TestImages.class.getResourceAsStream("/fixtures/" + file)) {
      assertThat(stream).as(file).isNotNull();
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RgbImage read(String file) {
    return read(bytes(file));
  }

  static RgbImage read(byte[] encoded) {
    return new ImageReader().read(ImageSource.of(encoded), ImageOptions.defaults());
  }

  /** Pillow's bytes for an image, from {@code image-files/<name>.<w>x<h>.rgb}. */
  static RgbImage pillow(String name, int width, int height) {
    return new RgbImage(
        width, height, bytes("image-files/" + name + "." + width + "x" + height + ".rgb"));
  }

  /** Fails unless every level is within {@code max} and they are within {@code mean} on average. */
  static void assertClose(String name, RgbImage found, RgbImage expected, int max, double mean) {
    assertThat(found.width() + "x" + found.height())
        .as(name)
        .isEqualTo(expected.width() + "x" + expected.height());
    int worst = 0;
    long sum = 0;
    for (int i = 0; i < expected.rgb().length; i++) {
      int off = Math.abs((found.rgb()[i] & 0xff) - (expected.rgb()[i] & 0xff));
      if (off > Math.abs((found.rgb()[worst] & 0xff) - (expected.rgb()[worst] & 0xff))) {
        worst = i;
      }
      sum += off;
    }
    int wanted = expected.rgb()[worst] & 0xff;
    String where =
        String.format(Locale.ROOT, "%s[%d]: expected %d, tolerance %d", name, worst, wanted, max);
    assertThat(found.rgb()[worst] & 0xff).as(where).isBetween(wanted - max, wanted + max);
    assertThat(sum / (double) expected.rgb().length)
        .as(name + ": mean difference")
        .isLessThanOrEqualTo(mean);
  }

  static void assertEqual(String name, RgbImage found, RgbImage expected) {
    assertClose(name, found, expected, 0, 0);
  }
}
