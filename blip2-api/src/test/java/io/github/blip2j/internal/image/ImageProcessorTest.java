package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.ImageProcessorConfig;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageProcessorTest {
  private static final List<Float> MEAN = List.of(0.48145466f, 0.4578275f, 0.40821073f);
  private static final List<Float> STD = List.of(0.26862954f, 0.26130258f, 0.27577711f);
  private static final double BY_255 = 0.00392156862745098;

  @ParameterizedTest
  @CsvSource({ // the reference's values, to the last digit of a float
    "0, -1.7922626, -1.7520971, -1.4802198",
    "128, 0.0763361, 0.1688973, 0.3399488",
    "255, 1.9303361, 2.0748837, 2.1458969"
  })
  void levelsBecomeTheReferencesNumbers(int level, float red, float green, float blue) {
    byte sample = (byte) level;
    RgbImage pixel = new RgbImage(1, 1, new byte[] {sample, sample, sample});
    float[] found = new ImageProcessor(config(true, 1, 1, 3, true, true)).process(pixel);
    assertThat(found[0]).isCloseTo(red, within());
    assertThat(found[1]).isCloseTo(green, within());
    assertThat(found[2]).isCloseTo(blue, within());
  }

  @Test
  void channelsComeFirst() {
    RgbImage two = new RgbImage(2, 1, new byte[] {1, 2, 3, 4, 5, 6});
    float[] found = new ImageProcessor(config(true, 1, 2, 3, false, false)).process(two);
    assertThat(found).containsExactly(1, 4, 2, 5, 3, 6);
  }

  @Test
  void resizesToHeightByWidth() {
    RgbImage image = TestImages.read("images/landscape.png");
    assertThat(new ImageProcessor(config(true, 4, 7, 3, true, true)).process(image)).hasSize(84);
  }

  @Test
  void rescaleAloneIsRoundedFromDouble() {
    RgbImage pixel = new RgbImage(1, 1, new byte[] {(byte) 255, 1, 0});
    float[] found = new ImageProcessor(config(true, 1, 1, 3, true, false)).process(pixel);
    assertThat(found).containsExactly(1f, (float) BY_255, 0f);
  }

  @Test
  void normalizeAloneTakesLevels() {
    RgbImage pixel = new RgbImage(1, 1, new byte[] {100, 0, 0});
    float[] found = new ImageProcessor(config(true, 1, 1, 3, false, true)).process(pixel);
    assertThat(found[0]).isEqualTo((100f - MEAN.get(0)) / STD.get(0));
  }

  @Test
  void withoutResizeTheSizeMustFit() {
    ImageProcessor processor = new ImageProcessor(config(false, 4, 6, 3, true, true));
    assertThat(processor.process(new RgbImage(6, 4, new byte[72]))).hasSize(72);
    assertThatThrownBy(() -> processor.process(new RgbImage(4, 6, new byte[72]), "dog.png"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("dog.png: expected an image of 6x4, since do_resize is false, found 4x6");
  }

  @Test
  void onlyBicubicIsOffered() {
    assertThatThrownBy(() -> new ImageProcessor(config(true, 4, 4, 2, true, true)))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("preprocessor_config.json: resample: expected 3 (bicubic), found 2");
    assertThat(new ImageProcessor(config(false, 1, 1, 2, true, true))).isNotNull();
  }

  @Test
  void configurationIsChecked() {
    refused(() -> config(true, 0, 4, 3, true, true), "size.height (0) must be 1 to 8192");
    refused(() -> config(true, 4, -1, 3, true, true), "size.width (-1) must be 1 to 8192");
    refused(() -> config(true, 4, 4, 6, true, true), "resample (6) must be 0 to 5");
    refused(() -> config(0.0, MEAN, STD), "rescale_factor (0.0) must be finite and above 0");
    refused(() -> config(1, List.of(1f), STD), "image_mean ([1.0]) must have 3 numbers");
    refused(
        () -> config(1, MEAN, List.of(1f, 0f, 1f)),
        "image_std ([1.0, 0.0, 1.0]) must be finite and not 0");
    refused(
        () -> config(1, List.of(Float.NaN, 0f, 0f), STD),
        "image_mean ([NaN, 0.0, 0.0]) must be finite");
  }

  private static void refused(Runnable construction, String message) {
    assertThatThrownBy(construction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static org.assertj.core.data.Offset<Float> within() {
    return org.assertj.core.data.Offset.offset(2e-7f);
  }

  private static ImageProcessorConfig config(
      boolean resize, int height, int width, int resample, boolean rescale, boolean normalize) {
    return new ImageProcessorConfig(
        resize, height, width, resample, rescale, BY_255, normalize, MEAN, STD);
  }

  private static ImageProcessorConfig config(double factor, List<Float> mean, List<Float> std) {
    return new ImageProcessorConfig(true, 4, 4, 3, true, factor, true, mean, std);
  }
}
