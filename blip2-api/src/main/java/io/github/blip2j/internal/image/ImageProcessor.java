package io.github.blip2j.internal.image;

import io.github.blip2j.checkpoint.ImageProcessorConfig;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.util.Locale;

/**
 * From an image to the vision encoder's input: resize, rescale, normalise.
 *
 * <p>The numbers are those of Transformers' PIL path ({@code image_processing_blip.py}): resized in
 * bytes by Pillow's bicubic filter; multiplied by the rescale factor in double and rounded to
 * float; mean and std applied in float. Since a sample has only 256 levels, each channel is one
 * table. Immutable, safe for any number of threads.
 */
public final class ImageProcessor {
  private static final int BICUBIC = 3;
  private static final long MOST_WORK = 1L << 28; // pixels between the passes of resizing

  private final ImageProcessorConfig config;
  private final float[][] tables = new float[3][256]; // (channel, level)

  /**
   * Prepares the tables.
   *
   * @param config the checkpoint's preprocessor_config.json
   * @throws CheckpointException when it resizes with another filter than bicubic
   */
  public ImageProcessor(ImageProcessorConfig config) {
    if (config.doResize() && config.resample() != BICUBIC) {
      throw new CheckpointException(
          "preprocessor_config.json: resample: expected 3 (bicubic), found " + config.resample());
    }
    this.config = config;
    for (int channel = 0; channel < 3; channel++) {
      for (int level = 0; level < 256; level++) {
        tables[channel][level] = value(config, channel, level);
      }
    }
  }

  /** The same as {@link #process(RgbImage, String)} for an image without a name. */
  public float[] process(RgbImage image) {
    return process(image, "image");
  }

  /**
   * Prepares an image.
   *
   * @param image (h, w, 3), levels 0 to 255
   * @param name what messages call it
   * @return (3, H, W) row by row, H and W as configured; normalised, about −1.8 to 2.2 for the
   *     published checkpoints
   * @throws UnreadableImageException when the image is so narrow or flat that resizing it would
   *     take minutes, or when the checkpoint does not resize and the image has not the configured
   *     size
   */
  public float[] process(RgbImage image, String name) {
    byte[] rgb = sized(image, name).rgb();
    int area = rgb.length / 3;
    float[] pixels = new float[rgb.length];
    for (int channel = 0; channel < 3; channel++) {
      float[] table = tables[channel];
      int to = channel * area;
      for (int i = 0, from = channel; i < area; i++, from += 3) {
        pixels[to + i] = table[rgb[from] & 0xff];
      }
    }
    return pixels;
  }

  private RgbImage sized(RgbImage image, String name) {
    if (config.doResize()) {
      // A wide image, or a tall one that gets no shorter, passes through one as long as itself; the
      // weights of a tall one that is shortened take 16 bytes a row.
      long tall = (long) config.width() * image.height();
      long wide = (long) config.height() * image.width();
      if (Math.max(tall, wide) > MOST_WORK) {
        throw new UnreadableImageException(
            (name + ": expected at most " + MOST_WORK / config.width() + " columns and rows")
                + (", found " + image.width() + "x" + image.height()));
      }
      return BicubicResize.resize(image, config.width(), config.height());
    }
    if (image.width() != config.width() || image.height() != config.height()) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "%s: expected an image of %dx%d, since do_resize is false, found %dx%d",
              name,
              config.width(),
              config.height(),
              image.width(),
              image.height()));
    }
    return image;
  }

  private static float value(ImageProcessorConfig config, int channel, int level) {
    float sample = config.doRescale() ? (float) (level * config.rescaleFactor()) : level;
    if (!config.doNormalize()) {
      return sample;
    }
    return (sample - config.mean().get(channel)) / config.std().get(channel);
  }
}
