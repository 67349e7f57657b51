package io.github.blip2j.image;

import io.github.blip2j.internal.values.OptionText;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How images are read.
 *
 * <p>Immutable, safe for any number of threads.
 *
 * @param maxPixels the largest width × height accepted, in pixels, at least 1; compared with the
 *     dimensions in the file's header before anything is decoded. Whatever it is, an image that has
 *     to be resized may have at most 2²⁸ divided by the model's image size columns and rows, which
 *     are 1,198,372 for 224: resizing a longer one would take minutes
 * @param applyExifOrientation whether the image is turned upright as its EXIF orientation says, or
 *     its XMP packet where it has no EXIF orientation; the reference implementation does not, so
 *     {@code true} gives other tokens for turned photos. TIFF images are always turned, as Pillow
 *     does by itself
 */
public record ImageOptions(long maxPixels, boolean applyExifOrientation) {
  /**
   * The largest width × height accepted unless another is set, in pixels: where Pillow begins to
   * warn of a decompression bomb (1 GiB / 4 / 3). Decoded, so many pixels are 256 MiB. Pillow
   * itself reads up to twice as many.
   */
  public static final long DEFAULT_MAX_PIXELS = 89_478_485;

  private static final ImageOptions DEFAULTS = new ImageOptions(DEFAULT_MAX_PIXELS, false);

  /**
   * Checks the values.
   *
   * @param maxPixels the largest width × height accepted, in pixels, at least 1
   * @param applyExifOrientation whether the image is turned as its EXIF orientation says
   * @throws IllegalArgumentException when {@code maxPixels} is less than 1
   */
  public ImageOptions {
    if (maxPixels < 1) {
      throw new IllegalArgumentException("maxPixels (" + maxPixels + ") must be at least 1");
    }
  }

  /**
   * The options in force when none are given.
   *
   * @return at most {@link #DEFAULT_MAX_PIXELS}, EXIF orientation not applied
   */
  public static ImageOptions defaults() {
    return DEFAULTS;
  }

  /**
   * These options with another limit.
   *
   * @param pixels the largest width × height accepted, in pixels, at least 1
   * @return new options
   * @throws IllegalArgumentException when {@code pixels} is less than 1
   */
  public ImageOptions withMaxPixels(long pixels) {
    return new ImageOptions(pixels, applyExifOrientation);
  }

  /**
   * These options with EXIF orientation applied or not.
   *
   * @param apply whether images are turned as their EXIF orientation says
   * @return new options
   */
  public ImageOptions withExifOrientation(boolean apply) {
    return new ImageOptions(maxPixels, apply);
  }

  private Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("maxPixels", maxPixels);
    named.put("applyExifOrientation", applyExifOrientation);
    return named;
  }

  /**
   * What differs from the defaults.
   *
   * @return such as {@code ImageOptions[applyExifOrientation=true]}
   */
  @Override
  public String toString() {
    return OptionText.of("ImageOptions", named(), DEFAULTS.named());
  }
}
