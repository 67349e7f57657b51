package io.github.blip2j.internal.image.png;

import java.io.EOFException;
import java.io.IOException;

/**
 * Some rows as they are inflated, each with its filter's number in front; before them there is room
 * for the row above. For one thread at a time.
 */
final class PngLines {
  private final byte[] data;
  private final int start;
  private int count;

  /**
   * Makes room.
   *
   * @param longest bytes of the image's longest row
   * @param size bytes of all rows together, at least one more than that
   */
  PngLines(int longest, int size) {
    data = new byte[longest + size + PngFilters.SLACK];
    start = longest;
  }

  byte[] data() {
    return data;
  }

  /** Where the first row's filter is; the row above belongs at 0. */
  int start() {
    return start;
  }

  /** How many rows there are. */
  int count() {
    return count;
  }

  /**
   * Inflates as many rows as there is room for, and goes beyond them.
   *
   * @throws IOException when the data are damaged, or end within a row
   */
  void fill(PngData blocks, PngWalk walk) throws IOException {
    int space = data.length - PngFilters.SLACK - start;
    int end = start + blocks.read(data, start, start + walk.fitting(space));
    count = 0;
    for (int at = start; at < end; at += 1 + walk.bytes(), walk.next()) {
      int filter = data[at] & 0xff;
      if (filter >= PngFilters.COUNT) {
        throw new IOException("row with the unknown filter " + filter);
      }
      if (walk.bytes() >= end - at) {
        throw new EOFException("image data ends within a row");
      }
      count++;
    }
  }
}
