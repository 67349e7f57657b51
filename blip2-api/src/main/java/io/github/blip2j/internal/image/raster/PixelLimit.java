package io.github.blip2j.internal.image.raster;

import io.github.blip2j.core.UnreadableImageException;

/**
 * The largest image that one reading accepts.
 *
 * @param name what messages call the source
 * @param maxPixels the largest width × height, in pixels
 */
public record PixelLimit(String name, long maxPixels) {
  /**
   * Checks a size before anything is allocated for it.
   *
   * @param width pixels in a row, at least 0
   * @param height rows, at least 0
   * @throws UnreadableImageException when there are more pixels than accepted, or more than an
   *     array can hold
   */
  public void check(long width, long height) {
    boolean fits = width <= Integer.MAX_VALUE && height <= Integer.MAX_VALUE;
    if (!fits || width * height > maxPixels) {
      String found = fits ? Long.toString(width * height) : "more";
      throw new UnreadableImageException(
          name
              + (": expected at most " + maxPixels + " pixels (maxPixels), found " + found)
              + (" (" + width + "x" + height + ")"));
    }
    if (3 * width * height > Integer.MAX_VALUE - 8) {
      throw new UnreadableImageException(
          name
              + ": expected at most 715827879 pixels, the most that an array holds, found "
              + (width * height + " (" + width + "x" + height + ")"));
    }
  }
}
