package io.github.blip2j.internal.image.raster;

/**
 * An image as red, green and blue bytes. Immutable by agreement: the array is not copied, and
 * nobody writes to it once the record exists.
 *
 * @param width pixels in a row, at least 1
 * @param height rows, at least 1
 * @param rgb (height, width, 3), unsigned bytes 0 to 255, in Pillow's {@code tobytes()} order
 */
public record RgbImage(int width, int height, byte[] rgb) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException when a side is less than 1 or the array has another length
   */
  public RgbImage {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "width x height (" + width + "x" + height + ") must be at least 1x1");
    }
    if (rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "rgb.length (" + rgb.length + ") must be 3 * " + width + " * " + height);
    }
  }
}
