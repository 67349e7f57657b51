package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;

/** Decodes the blocks of one scan, one after the other in the order in which they are coded. */
interface BlockDecoder {
  /**
   * Adds what the scan holds of a block.
   *
   * @param part which of the scan's components, from 0
   * @param row where its coefficients are
   * @param block which block of the row
   * @throws IOException when the data are damaged
   */
  void decode(int part, CoefficientRow row, int block) throws IOException;

  /**
   * Goes on behind a restart marker.
   *
   * @param number the number that the marker must have, 0 to 7
   * @throws IOException when it is not there
   */
  void restart(int number) throws IOException;

  /**
   * Checks that the data have not ended so far.
   *
   * @throws IOException when they have
   */
  void check() throws IOException;
}
