package io.github.blip2j.internal.image.tiff;

import java.io.EOFException;
import java.io.IOException;

/** Compressed strips and tiles, as libtiff reads them. For one thread. */
final class TiffPacked {
  private static final long LARGEST_ROW = 1 << 26;
  private static final long SMALL_ROW = 1 << 20; // of a tile, however narrow the image is

  private final TiffDirectory tags;
  private final TiffKind kind;
  private final TiffLayout layout;
  private final int compression;
  private final TiffBlocks blocks;

  TiffPacked(byte[] data, TiffDirectory tags, TiffKind kind, TiffLayout layout) {
    this.blocks = new TiffBlocks(data, tags, kind, layout);
    this.tags = tags;
    this.kind = kind;
    this.layout = layout;
    this.compression = (int) tags.value(TiffTag.COMPRESSION, 1);
  }

  byte[] read() throws IOException {
    checkWork();
    TiffCanvas canvas = new TiffCanvas(kind, layout);
    byte[] row = new byte[(int) rowBytes()];
    for (int index = 0; index < blocks.count(); index++) {
      BlockBytes bytes = open(index);
      try {
        block(canvas, bytes, row, index);
      } finally {
        bytes.close();
      }
    }
    canvas.finish();
    return canvas.rgb();
  }

  private int bands() {
    return blocks.planar() ? 1 : kind.bands();
  }

  private long rowBytes() {
    return ((long) layout.blockWidth() * bands() * kind.depth() + 7) / 8;
  }

  /** How many bytes at most come out of one: of facsimile rows any number. */
  private long ratio() {
    return switch (compression) {
      case TiffDecoder.LZW -> 4096;
      case TiffDecoder.PACK_BITS -> 64;
      case TiffDecoder.RUNS, TiffDecoder.GROUP3, TiffDecoder.GROUP4 -> 1L << 40;
      default -> 1032;
    };
  }

  /** Blocks have to be there and able to fill the image, and tiles may not be much larger. */
  private void checkWork() throws IOException {
    long row = rowBytes();
    long all = row * layout.blockHeight() * blocks.count();
    long image = (long) layout.width() * layout.height() * kind.bands();
    long across = (long) layout.width() * bands() * kind.depth() / 8;
    boolean wide = row > LARGEST_ROW || layout.tiled() && row > 4 * across + SMALL_ROW;
    if (wide || layout.tiled() && all / 16 > image * 4 + (1 << 22)) {
      throw new IOException("tiles much larger than the image");
    }
    int tag = layout.tiled() ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS;
    if (tags.count(tag) < blocks.count()) {
      throw new EOFException("fewer strips or tiles than the image needs");
    }
    for (int i = 0; i < blocks.count(); i++) {
      if (row * blocks.height(i) > ratio() * (blocks.find(i).length() + 1L)) {
        throw new EOFException("strip or tile " + i + " cut short");
      }
    }
    blocks.checkLengths(0);
  }

  private BlockBytes open(int index) throws IOException {
    Block block = blocks.find(index);
    int width = layout.blockWidth();
    int predictor = (int) tags.value(TiffTag.PREDICTOR, 1);
    boolean facsimile =
        compression == TiffDecoder.RUNS
            || compression == TiffDecoder.GROUP3
            || compression == TiffDecoder.GROUP4;
    if (facsimile && (kind.depth() != 1 || kind.bands() != 1)) {
      throw new IOException("facsimile of " + kind.depth() + " bits");
    }
    if (facsimile || compression == TiffDecoder.PACK_BITS) {
      predictor = 1;
    }
    BlockBytes bytes = facsimile ? new Fax(block, fax(), width) : open(block, compression);
    return new Predictor(bytes, predictor, kind, bands(), tags.bigEndian());
  }

  /** The bytes of a block that is not facsimile. */
  static BlockBytes open(Block block, int compression) {
    return switch (compression) {
      case TiffDecoder.LZW -> new Lzw(block);
      case TiffDecoder.PACK_BITS -> new PackBits(block);
      default -> new Deflated(block);
    };
  }

  private Fax.Mode fax() {
    if (compression == TiffDecoder.GROUP3) {
      boolean two = (tags.value(TiffTag.T4_OPTIONS, 0) & 1) != 0;
      return two ? Fax.Mode.GROUP3_2D : Fax.Mode.GROUP3;
    }
    return compression == TiffDecoder.GROUP4 ? Fax.Mode.GROUP4 : Fax.Mode.RUNS;
  }

  private void block(TiffCanvas canvas, BlockBytes bytes, byte[] row, int index)
      throws IOException {
    int step = kind.depth() / 8;
    int width = blocks.width(index);
    for (int y = 0; y < blocks.height(index); y++) {
      bytes.read(row, row.length);
      int top = blocks.top(index) + y;
      if (blocks.planar()) {
        canvas.plane(blocks.band(index), row, step - 1, step, blocks.left(index), top, width);
      } else {
        canvas.pixels(row, 0, blocks.left(index), top, width);
      }
    }
  }
}
