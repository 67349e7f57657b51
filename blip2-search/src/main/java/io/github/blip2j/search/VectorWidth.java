package io.github.blip2j.search;

import java.util.function.IntSupplier;

/**
 * What vectors from outside must be like, since the first of an index binds all later ones. Safe
 * for many threads.
 */
final class VectorWidth {
  private final IntSupplier source;
  private volatile int known;

  /**
   * Makes one.
   *
   * @param source gives how many numbers a vector has, asked for with the first vectors
   */
  VectorWidth(IntSupplier source) {
    this.source = source;
  }

  void check(String name, float[][] vectors) {
    int width = known;
    if (width == 0) {
      width = source.getAsInt();
      known = width;
    }
    for (float[] vector : vectors) {
      if (vector.length != width) {
        throw new IllegalArgumentException(
            name + " (of " + vector.length + " numbers) must have " + width);
      }
      for (float number : vector) {
        if (!Float.isFinite(number)) {
          throw new IllegalArgumentException(name + " must be finite, found " + number);
        }
      }
    }
  }
}
