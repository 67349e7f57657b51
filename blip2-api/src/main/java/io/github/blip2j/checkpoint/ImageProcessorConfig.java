package io.github.blip2j.checkpoint;

import java.util.List;

/**
 * How a checkpoint wants its images prepared: {@code preprocessor_config.json} of a {@code
 * BlipImageProcessor}.
 *
 * <p>The steps are resize, rescale, normalise, in that order. There is no crop, and the image is
 * squashed to the size without regard to its aspect ratio. Immutable.
 *
 * @param doResize {@code do_resize}: whether the image is resized to height × width
 * @param height {@code size.height}: pixels, 1 to {@link #LARGEST_SIDE}; {@link #DEFAULT_SIZE} when
 *     the key is missing
 * @param width {@code size.width}: pixels, 1 to {@link #LARGEST_SIDE}; {@link #DEFAULT_SIZE} when
 *     the key is missing
 * @param resample {@code resample}: Pillow's number of the filter, 0 to 5; 3 is bicubic
 * @param doRescale {@code do_rescale}: whether samples 0 to 255 are multiplied by the factor
 * @param rescaleFactor {@code rescale_factor}: finite and above 0, usually 1/255
 * @param doNormalize {@code do_normalize}: whether (sample − mean) / std is applied
 * @param mean {@code image_mean}: red, green, blue, after rescaling; finite
 * @param std {@code image_std}: red, green, blue, after rescaling; finite and not 0
 */
public record ImageProcessorConfig(
    boolean doResize,
    int height,
    int width,
    int resample,
    boolean doRescale,
    double rescaleFactor,
    boolean doNormalize,
    List<Float> mean,
    List<Float> std) {

  /** The height and width of the class {@code BlipImageProcessor} when a checkpoint has no size. */
  public static final int DEFAULT_SIZE = 384;

  /** The largest height and width accepted, in pixels: no vision encoder reads more. */
  public static final int LARGEST_SIDE = 8192;

  /**
   * Checks the values and copies the lists.
   *
   * @param doResize whether the image is resized
   * @param height pixels, 1 to {@link #LARGEST_SIDE}
   * @param width pixels, 1 to {@link #LARGEST_SIDE}
   * @param resample Pillow's number of the filter, 0 to 5
   * @param doRescale whether samples are multiplied by the factor
   * @param rescaleFactor finite and above 0
   * @param doNormalize whether mean and std are applied
   * @param mean three finite numbers
   * @param std three finite numbers other than 0
   * @throws IllegalArgumentException naming the key, its value and the rule, when one is broken
   */
  public ImageProcessorConfig {
    String sides = "must be 1 to " + LARGEST_SIDE;
    require(height >= 1 && height <= LARGEST_SIDE, "size.height", height, sides);
    require(width >= 1 && width <= LARGEST_SIDE, "size.width", width, sides);
    require(resample >= 0 && resample <= 5, "resample", resample, "must be 0 to 5");
    boolean positive = rescaleFactor > 0 && Double.isFinite(rescaleFactor);
    require(positive, "rescale_factor", rescaleFactor, "must be finite and above 0");
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    require(mean.size() == 3, "image_mean", mean, "must have 3 numbers");
    require(std.size() == 3, "image_std", std, "must have 3 numbers");
    require(mean.stream().allMatch(Float::isFinite), "image_mean", mean, "must be finite");
    boolean divisible = std.stream().allMatch(s -> Float.isFinite(s) && s != 0);
    require(divisible, "image_std", std, "must be finite and not 0");
  }

  /** The same for another size. */
  ImageProcessorConfig withSize(int side) {
    return new ImageProcessorConfig(
        doResize, side, side, resample, doRescale, rescaleFactor, doNormalize, mean, std);
  }

  private static void require(boolean rule, String name, Object value, String text) {
    if (!rule) {
      throw new IllegalArgumentException(name + " (" + value + ") " + text);
    }
  }
}
