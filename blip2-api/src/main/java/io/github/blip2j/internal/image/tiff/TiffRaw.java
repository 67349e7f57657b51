package io.github.blip2j.internal.image.tiff;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * Pixels without compression, which Pillow reads without libtiff: strips and tiles by their offsets
 * alone, in the order of the file. For one thread.
 */
final class TiffRaw {
  private final byte[] data;
  private final TiffDirectory tags;
  private final TiffKind kind;
  private final TiffLayout layout;
  private final TiffBlocks blocks;

  TiffRaw(byte[] data, TiffDirectory tags, TiffKind kind, TiffLayout layout) {
    this.data = data;
    this.tags = tags;
    this.kind = kind;
    this.layout = layout;
    this.blocks = new TiffBlocks(data, tags, kind, layout);
  }

  byte[] read() throws IOException {
    boolean unknown =
        blocks.planar()
            ? kind.family() == TiffKind.Family.ONE || kind.family() == TiffKind.Family.PREMULTIPLIED
            : layout.planar() && kind.depth() > 8 && kind.depth() < 32;
    if (unknown) {
      throw new IOException("planes of " + kind.depth() + " bits, " + kind.family());
    }
    int tag = layout.tiled() ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS;
    long count = tags.count(tag);
    boolean one = layout.blocks() == 1 && !layout.planar() && layout.blockWidth() == layout.width();
    one &= layout.blockHeight() == layout.height();
    if (count < 1 || !one && count > blocks.count()) {
      throw new IOException(count + " strips or tiles for " + blocks.count());
    }
    long[] order = new long[one ? 1 : (int) count];
    for (int i = 0; i < order.length; i++) {
      long offset = tags.value(tag, one ? count - 1 : i, -1);
      if (offset < 0 || offset > data.length) {
        throw new EOFException("cut short");
      }
      order[i] = offset << 32 | i;
      check(offset, i);
    }
    Arrays.sort(order);
    TiffCanvas canvas = new TiffCanvas(kind, layout);
    byte[] source = tags.value(TiffTag.FILL_ORDER, 1) == 2 ? turned() : data;
    for (long entry : order) {
      block(canvas, source, (int) (entry >> 32), (int) entry);
    }
    canvas.finish();
    return canvas.rgb();
  }

  private byte[] turned() {
    byte[] turned = new byte[data.length];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = (byte) (Integer.reverse(data[i]) >>> 24);
    }
    return turned;
  }

  /** Bits of a pixel in one block: of YCbCr Pillow takes four bytes, though there are three. */
  private int bits() {
    if (blocks.planar()) {
      return 8; // Pillow takes the first half of planes of 16 bits
    }
    return kind.family() == TiffKind.Family.YCBCR ? 32 : kind.bands() * kind.depth();
  }

  private long rowBytes(int index) {
    return ((long) blocks.width(index) * bits() + 7) / 8;
  }

  /** Bytes from one row to the next; a tile that sticks out has some that nobody looks at. */
  private long stride(int index) throws IOException {
    if (blocks.width(index) == layout.blockWidth()) {
      return rowBytes(index);
    }
    long all = (long) layout.blockWidth() * kind.bands() * kind.depth() / 8;
    long stride = blocks.planar() ? all / kind.bands() : all;
    if (stride < rowBytes(index) && stride != 0) {
      throw new IOException("tiles of an odd width");
    }
    return Math.max(stride, rowBytes(index));
  }

  private void check(long offset, int index) throws IOException {
    if (offset + stride(index) * (blocks.height(index) - 1L) + rowBytes(index) > data.length) {
      throw new EOFException("cut short");
    }
  }

  private void block(TiffCanvas canvas, byte[] source, int offset, int index) throws IOException {
    int left = blocks.left(index);
    int width = blocks.width(index);
    long stride = stride(index);
    for (int y = 0; y < blocks.height(index); y++) {
      int from = (int) (offset + y * stride);
      if (blocks.planar()) {
        canvas.plane(blocks.band(index), source, from, 1, left, blocks.top(index) + y, width);
      } else {
        canvas.pixels(source, from, left, blocks.top(index) + y, width);
      }
    }
  }
}
