package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.awt.Color;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TestImages as Pillow 12.3 sees them; the expectations are made by tools/fixtures. */
class ImageReaderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alpha.png",
        "anim.gif",
        "bilevel.png",
        "gray.jpg",
        "gray.png",
        "landscape.png",
        "palette.png",
        "photo.bmp",
        "photo.jpg",
        "portrait.png",
        "tiny.png"
      })
  void fixturesResizedAreEqualToPillow(String name) {
    RgbImage found = BicubicResize.resize(TestImages.read("images/" + name), 56, 56);
    TestImages.assertEqual(name, found, TestImages.pillow(name, 56, 56));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gray16.png",
        "rgb16.png",
        "gray-alpha16.png",
        "gray-alpha.png",
        "gray1.png",
        "gray2.png",
        "gray4.png",
        "gray-key.png",
        "rgb-key.png",
        "palette-alpha.png",
        "interlaced.png",
        "profile.png",
        "gamma.png",
        "lossless.webp",
        "lossless-alpha.webp",
        "profile.webp",
        "animated.webp",
        "plain.tif",
        "lzw.tif",
        "deflate-alpha.tif",
        "gray16.tif",
        "bilevel.tif",
        "cmyk.tif",
        "profile.tif",
        "palette.bmp",
        "alpha32.bmp",
        "first-frame.gif",
        "first-frame-transparent.gif"
      })
  void rarerLosslessKindsAreEqualToPillow(String name) {
    TestImages.assertEqual(
        name, TestImages.read("image-files/" + name), TestImages.pillow(name, 24, 20));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cmyk-adobe.jpg",
        "cmyk-plain.jpg",
        "ycck.jpg",
        "progressive.jpg",
        "sampled-422.jpg",
        "sampled-444.jpg",
        "stored-rgb.jpg",
        "no-jfif.jpg",
        "profile.jpg"
      })
  void rarerJpegKindsAreEqualToPillow(String name) {
    TestImages.assertEqual(
        name, TestImages.read("image-files/" + name), TestImages.pillow(name, 34, 26));
  }

  @Test
  void lossyWebpIsEqualToPillow() {
    RgbImage found = TestImages.read("image-files/lossy.webp");
    TestImages.assertEqual("lossy.webp", found, TestImages.pillow("lossy.webp", 64, 48));
  }

  @Test
  void profilesAreNotApplied() {
    RgbImage plain = TestImages.read("image-files/plain.tif");
    for (String kind : new String[] {"png", "webp", "tif"}) {
      assertThat(TestImages.read("image-files/profile." + kind).rgb())
          .as(kind)
          .isEqualTo(plain.rgb());
    }
  }

  @Test
  void alphaIsDroppedNotComposited() {
    BufferedImage clear = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    clear.setRGB(0, 0, 0x00102030);
    assertThat(read(clear).rgb()).containsExactly(0x10, 0x20, 0x30);
  }

  @Test
  void premultipliedAlphaIsDividedOut() {
    BufferedImage half = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB_PRE);
    half.getRaster().setPixel(0, 0, new int[] {64, 32, 0, 128});
    assertThat(read(half).rgb()).containsExactly(127, 63, 0); // 255 * 64 / 128, rounded down
  }

  @Test
  void grayIsReplicatedWithoutGamma() {
    BufferedImage gray = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(0, 0, 0, 100);
    assertThat(read(gray).rgb()).containsExactly(100, 100, 100);
    assertThat(gray.getRGB(0, 0) & 0xff).as("what getRGB would have said").isNotEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_USHORT_565_RGB,
        BufferedImage.TYPE_USHORT_555_RGB
      })
  void imageTypesKeepTheOrderOfColors(int type) {
    BufferedImage imageSource = new BufferedImage(3, 2, type);
    imageSource.setRGB(1, 1, new Color(255, 0, 0).getRGB());
    imageSource.setRGB(2, 1, new Color(0, 255, 0).getRGB());
    byte full = (byte) 255;
    RgbImage part = read(imageSource.getSubimage(1, 1, 2, 1));
    assertThat(part.rgb()).containsExactly(full, 0, 0, 0, full, 0);
  }

  @Test
  void decodedImageObeysTheLimit() {
    ImageSource source = ImageSource.of(new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB));
    ImageOptions five = ImageOptions.defaults().withMaxPixels(5);
    assertThatThrownBy(() -> new ImageReader().read(source, five))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("BufferedImage of 3x2: expected at most 5 pixels (maxPixels), found 6 (3x2)");
  }

  @Test
  void threadsShareOneReader() throws Exception {
    ImageReader reader = new ImageReader();
    ImageSource source = ImageSource.of(TestImages.bytes("image-files/progressive.jpg"));
    byte[] expected = reader.read(source, ImageOptions.defaults()).rgb();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<byte[]> task = () -> reader.read(source, ImageOptions.defaults()).rgb();
      var tasks = IntStream.range(0, 64).mapToObj(i -> task).toList();
      for (var result : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
        assertThat(result.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void pluginsAreFoundWhateverTheContextClassLoader() throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThat(TestImages.read("image-files/lossless.webp").width()).isEqualTo(24);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void samplesThatAreNoLevelsAreReported() {
    ColorSpace space = ColorSpace.getInstance(ColorSpace.CS_GRAY);
    ColorModel floats = new ComponentColorModel(space, false, false, 1, DataBuffer.TYPE_FLOAT);
    unreadable(floats).hasMessageEndingWith("found samples of floating point");
  }

  /** Colours that a map of one colour for samples of 16 bits does not have. */
  @Test
  void indexesBeyondTheirMapAreReported() {
    byte[] one = {7};
    ColorModel map = new IndexColorModel(16, 1, one, one, one);
    WritableRaster raster = map.createCompatibleWritableRaster(2, 1);
    raster.setSample(1, 0, 0, 40_000);
    unreadable(new BufferedImage(map, raster, false, null)).hasMessageContaining("found ");
  }

  private static AbstractThrowableAssert<?, ?> unreadable(ColorModel model) {
    WritableRaster raster = model.createCompatibleWritableRaster(2, 1);
    return unreadable(new BufferedImage(model, raster, false, null));
  }

  private static AbstractThrowableAssert<?, ?> unreadable(BufferedImage image) {
    return assertThatThrownBy(() -> read(image))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageStartingWith("BufferedImage of 2x1: expected an image whose samples");
  }

  private static RgbImage read(BufferedImage imageSource) {
    return new ImageReader().read(ImageSource.of(imageSource), ImageOptions.defaults());
  }
}
