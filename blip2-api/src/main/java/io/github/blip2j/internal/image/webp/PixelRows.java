package io.github.blip2j.internal.image.webp;

import java.util.List;

/** Rows of a VP8L image that are handed on together. For one thread at a time. */
final class PixelRows {
  private final int[][] pixels; // (rows, width), those of each row from its beginning
  private int first; // which row of the image comes first
  private int count;

  PixelRows(int width, int rows) {
    pixels = new int[rows][width];
  }

  boolean isFull() {
    return count == pixels.length;
  }

  /**
   * Adds a row.
   *
   * @param y which row of the image
   * @param ring holds its pixels from {@code start} modulo its length on
   * @param packed how many they are
   */
  void add(int y, int[] ring, int start, int packed) {
    first = count == 0 ? y : first;
    int from = start & ring.length - 1;
    int run = Math.min(packed, ring.length - from);
    System.arraycopy(ring, from, pixels[count], 0, run);
    System.arraycopy(ring, 0, pixels[count], run, packed - run);
    count++;
  }

  /** Undoes transforms, the last first, writes the pixels, and begins anew below them. */
  void write(List<RowTransform> transforms, FrameTarget target) {
    for (int i = 0; i < count; i++) {
      int[] row = pixels[i];
      for (int j = transforms.size() - 1; j >= 0; j--) {
        transforms.get(j).undo(first + i, row);
      }
      write(row, target.rgb(), target.row(first + i));
    }
    count = 0;
  }

  private static void write(int[] row, byte[] rgb, int at) {
    int to = at;
    for (int argb : row) {
      rgb[to] = (byte) (argb >> 16);
      rgb[to + 1] = (byte) (argb >> 8);
      rgb[to + 2] = (byte) argb;
      to += 3;
    }
  }
}
