package io.github.blip2j.internal.image.tiff;

import java.io.EOFException;
import java.io.IOException;

/**
 * The strips or tiles of a file, numbered as their offsets are: row by row, and plane by plane.
 * Immutable.
 */
final class TiffBlocks {
  /** Bytes of blocks that need not be in the file once each, such as those of a blank tile. */
  private static final long SHARED = 1 << 26;

  private final byte[] data;
  private final TiffDirectory tags;
  private final TiffLayout layout;
  private final int planes;
  private final long imageBytes;

  TiffBlocks(byte[] data, TiffDirectory tags, TiffKind kind, TiffLayout layout) {
    this.data = data;
    this.tags = tags;
    this.layout = layout;
    this.planes = layout.planar() ? kind.bands() : 1;
    this.imageBytes = (long) layout.width() * layout.height() * kind.bands() * kind.depth() / 8;
  }

  long count() {
    return layout.blocks() * planes;
  }

  /** Whether each sample has blocks of its own. */
  boolean planar() {
    return planes > 1;
  }

  int band(int index) {
    return (int) (index / layout.blocks());
  }

  int left(int index) {
    return (int) (index % layout.blocks() % layout.columns()) * layout.blockWidth();
  }

  int top(int index) {
    return (int) (index % layout.blocks() / layout.columns()) * layout.blockHeight();
  }

  /** Pixels in a row of the block that lie in the image. */
  int width(int index) {
    return Math.min(layout.blockWidth(), layout.width() - left(index));
  }

  /** Rows of the block that lie in the image. */
  int height(int index) {
    return Math.min(layout.blockHeight(), layout.height() - top(index));
  }

  /**
   * Where a compressed block is.
   *
   * @throws IOException when it is not wholly in the file
   */
  Block find(int index) throws IOException {
    int offsets = layout.tiled() ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS;
    int lengths = layout.tiled() ? TiffTag.TILE_BYTES : TiffTag.STRIP_BYTES;
    long offset = tags.value(offsets, index, -1);
    long length = tags.value(lengths, index, tags.has(lengths) ? -1 : data.length - offset);
    if (offset < 0 || length < 1 || offset > data.length || length > data.length - offset) {
      throw new EOFException("strip or tile " + index + " cut short");
    }
    boolean turned = tags.value(TiffTag.FILL_ORDER, 1) == 2;
    return new Block(data, (int) offset, (int) length, turned);
  }

  /**
   * Refuses compressed blocks that overlap so much that reading all of them would take very long:
   * each may be most of the file, and there may be one for each row.
   *
   * @param more bytes that are read with each block
   * @throws IOException then, or when one is not wholly in the file
   */
  void checkLengths(long more) throws IOException {
    long most = 2 * (data.length + imageBytes) + SHARED;
    long sum = 0;
    for (int i = 0; i < count(); i++) {
      sum += find(i).length() + more;
    }
    if (sum > most) {
      throw new IOException(
          "expected strips or tiles of at most " + most + " bytes in all, found " + sum);
    }
  }
}
