package io.github.blip2j.internal.image.tiff;

import io.github.blip2j.internal.image.jpeg.JpegFile;
import io.github.blip2j.internal.image.jpeg.JpegParts;
import io.github.blip2j.internal.image.raster.PixelLimit;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * Strips and tiles that are JPEG images each, with tables that they share (TIFF's supplement 2). Of
 * colours only red, green and blue are read, or luma and chroma, or grey. For one thread.
 */
final class TiffJpeg {
  private static final int SMALL = 1 << 24; // pixels of a tile, however small the image is

  private final byte[] data;
  private final TiffDirectory tags;
  private final TiffKind kind;
  private final TiffLayout layout;
  private final TiffBlocks blocks;
  private final PixelLimit limit;
  private final byte[] tables;
  private final boolean colour;
  private final JpegParts parts;

  /**
   * Prepares.
   *
   * @param limit the largest image; a tile, which is decoded as a whole, may be a little larger
   */
  TiffJpeg(byte[] data, TiffDirectory tags, TiffKind kind, TiffLayout layout, PixelLimit limit) {
    this.limit = limit;
    this.data = data;
    this.tags = tags;
    this.kind = kind;
    this.layout = layout;
    this.blocks = new TiffBlocks(data, tags, kind, layout);
    this.tables = tags.bytes(TiffTag.JPEG_TABLES);
    this.colour = kind.bands() == 3 && kind.family() != TiffKind.Family.LAB;
    this.parts = parts();
  }

  private JpegParts parts() {
    if (!colour) {
      return JpegParts.gray();
    }
    boolean luma = kind.family() == TiffKind.Family.YCBCR;
    return luma ? JpegParts.lumaAndChroma() : JpegParts.rgb();
  }

  byte[] read() throws IOException {
    if (kind.depth() != 8 || blocks.planar() || !colour && kind.bands() != 1) {
      throw new IOException("JPEG of " + kind.bands() + " bands");
    }
    int tag = layout.tiled() ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS;
    if (tags.count(tag) < blocks.count()) {
      throw new EOFException("fewer strips or tiles than the image needs");
    }
    long tile = (long) layout.blockWidth() * layout.blockHeight();
    long work = tile * blocks.count();
    boolean large = work > 64L * layout.width() * layout.height() + SMALL;
    if (layout.tiled() && (large || tile - SMALL > limit.maxPixels())) {
      throw new IOException("tiles much larger than the image");
    }
    blocks.checkLengths(tables.length);
    JpegFile first = open(0);
    TiffCanvas canvas = new TiffCanvas(kind, layout);
    for (int i = 0; i < blocks.count(); i++) {
      block(canvas, i == 0 ? first : open(i), i);
    }
    return canvas.rgb();
  }

  /** One block as a file: the tables, then what is its own. */
  private JpegFile open(int index) throws IOException {
    Block block = blocks.find(index);
    int shared = Math.max(0, tables.length - 2); // without their own end
    int begun = shared == 0 ? 0 : Math.min(2, block.length());
    byte[] file = Arrays.copyOf(tables, shared + block.length() - begun);
    System.arraycopy(data, block.from() + begun, file, shared, block.length() - begun);
    JpegFile found = parts.read(file);
    boolean fits = found.width() <= layout.blockWidth() && found.height() <= layout.blockHeight();
    if (!fits || found.width() < layout.blockWidth() || found.height() < blocks.height(index)) {
      throw new IOException(
          ("a strip or tile of " + found.width() + "x" + found.height() + " for one of ")
              + (layout.blockWidth() + "x" + blocks.height(index)));
    }
    return found;
  }

  private void block(TiffCanvas canvas, JpegFile file, int index) throws IOException {
    byte[] rgb = file.rgb();
    int width = blocks.width(index);
    byte[] samples = new byte[width];
    for (int y = 0; y < blocks.height(index); y++) {
      int from = 3 * y * file.width();
      int top = blocks.top(index) + y;
      if (colour) {
        canvas.copy(rgb, from, blocks.left(index), top, width);
      } else {
        for (int x = 0; x < width; x++) {
          samples[x] = rgb[from + 3 * x];
        }
        canvas.pixels(samples, 0, blocks.left(index), top, width);
      }
    }
  }
}
