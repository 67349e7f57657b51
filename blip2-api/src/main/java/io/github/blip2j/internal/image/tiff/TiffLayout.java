package io.github.blip2j.internal.image.tiff;

import java.io.IOException;

/**
 * How a TIFF's pixels are cut into strips or tiles.
 *
 * @param width pixels in a row
 * @param height rows
 * @param tiled whether the blocks are tiles
 * @param blockWidth pixels in a row of a block
 * @param blockHeight rows of a block
 * @param planar whether each sample has blocks of its own
 */
record TiffLayout(
    int width, int height, boolean tiled, int blockWidth, int blockHeight, boolean planar) {

  static TiffLayout of(TiffDirectory tags, int width, int height) throws IOException {
    boolean planar = tags.value(TiffTag.PLANAR, 1) == 2;
    boolean tiled = !tags.has(TiffTag.STRIP_OFFSETS);
    if (!tiled) {
      long rows = tags.value(TiffTag.ROWS_PER_STRIP, height);
      return new TiffLayout(width, height, false, width, clip(rows, height), planar);
    }
    int across = clip(tags.value(TiffTag.TILE_WIDTH, 0), Integer.MAX_VALUE);
    int down = clip(tags.value(TiffTag.TILE_HEIGHT, 0), Integer.MAX_VALUE);
    return new TiffLayout(width, height, true, across, down, planar);
  }

  private static int clip(long size, int most) throws IOException {
    if (size < 1) {
      throw new IOException("a strip or tile of size " + size);
    }
    return (int) Math.min(size, most);
  }

  int columns() {
    return (int) ((width + (long) blockWidth - 1) / blockWidth);
  }

  int rows() {
    return (int) ((height + (long) blockHeight - 1) / blockHeight);
  }

  /** Blocks of one plane, or of all when there are no planes. */
  long blocks() {
    return (long) columns() * rows();
  }
}
