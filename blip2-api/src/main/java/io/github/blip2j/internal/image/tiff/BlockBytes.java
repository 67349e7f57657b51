package io.github.blip2j.internal.image.tiff;

import java.io.IOException;

/** The bytes of a strip or tile, decompressed one row after another. For one thread. */
interface BlockBytes {
  /**
   * The next bytes.
   *
   * @param target where to
   * @param count how many, from its beginning
   * @throws IOException when they are damaged or there are fewer
   */
  void read(byte[] target, int count) throws IOException;

  /** Gives back what is held outside the heap. */
  default void close() {}
}
