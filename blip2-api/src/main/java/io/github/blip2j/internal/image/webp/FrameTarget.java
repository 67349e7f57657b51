package io.github.blip2j.internal.image.webp;

/**
 * Where a decoder writes a frame: red, green and blue bytes inside a larger array.
 *
 * @param rgb the canvas
 * @param start where the frame's first pixel lies
 * @param stride bytes from one row to the next
 */
record FrameTarget(byte[] rgb, int start, int stride) {
  /** Where a row of the frame begins. */
  int row(int y) {
    return start + y * stride;
  }
}
