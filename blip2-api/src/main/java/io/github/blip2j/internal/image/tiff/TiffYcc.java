package io.github.blip2j.internal.image.tiff;

import java.io.EOFException;
import java.io.IOException;

/**
 * Luma and chroma without JPEG, as libtiff's TIFFRGBAImage reads them (tif_getimage.c,
 * tif_color.c): chroma is repeated, and the arithmetic has 16 fraction bits. For one thread.
 */
final class TiffYcc {
  private static final int HALF = 1 << 15;

  private final TiffDirectory tags;
  private final TiffKind kind;
  private final TiffLayout layout;
  private final TiffBlocks blocks;
  private final int across;
  private final int down;
  private final int[] lumas = new int[256];
  private final int[] redOfRed = new int[256];
  private final int[] greenOfRed = new int[256];
  private final int[] greenOfBlue = new int[256];
  private final int[] blueOfBlue = new int[256];

  TiffYcc(byte[] data, TiffDirectory tags, TiffKind kind, TiffLayout layout) {
    this.tags = tags;
    this.kind = kind;
    this.layout = layout;
    this.blocks = new TiffBlocks(data, tags, kind, layout);
    this.across = (int) tags.value(TiffTag.SUBSAMPLING, 0, 2);
    this.down = (int) tags.value(TiffTag.SUBSAMPLING, 1, 2);
    tables();
  }

  private void tables() {
    float red = tags.fraction(TiffTag.LUMA, 0, 0.299f);
    float green = tags.fraction(TiffTag.LUMA, 1, 0.587f);
    float blue = tags.fraction(TiffTag.LUMA, 2, 0.114f);
    float f1 = 2 - 2 * red;
    float f3 = 2 - 2 * blue;
    int d1 = fixed(f1);
    int d2 = -fixed(red * f1 / green);
    int d3 = fixed(f3);
    int d4 = -fixed(blue * f3 / green);
    float[] reference = new float[6];
    for (int i = 0; i < 6; i++) {
      reference[i] = tags.fraction(TiffTag.REFERENCE, i, i % 2 == 1 ? 255 : i == 0 ? 0 : 128);
    }
    for (int i = 0; i < 256; i++) {
      int cr = value(i - 128, reference[4] - 128, reference[5] - 128, 127);
      int cb = value(i - 128, reference[2] - 128, reference[3] - 128, 127);
      redOfRed[i] = d1 * cr + HALF >> 16;
      blueOfBlue[i] = d3 * cb + HALF >> 16;
      greenOfRed[i] = d2 * cr;
      greenOfBlue[i] = d4 * cb + HALF;
      lumas[i] = value(i, reference[0], reference[1], 255);
    }
  }

  private static int fixed(float value) {
    return (int) (Math.max(0, Math.min(2, value)) * 65536L + 0.5);
  }

  private static int value(int code, float black, float white, int range) {
    int first = (int) black;
    float span = white - black != 0 ? white - black : 1;
    return (int) Math.max(-4096f, Math.min(4096f, (code - first) * (float) range / span));
  }

  byte[] read() throws IOException {
    int compression = (int) tags.value(TiffTag.COMPRESSION, 1);
    boolean runs = compression == TiffDecoder.PACK_BITS;
    int predictor = runs ? 1 : (int) tags.value(TiffTag.PREDICTOR, 1);
    byte[] unit = new byte[check(predictor)];
    TiffCanvas canvas = new TiffCanvas(kind, layout);
    for (int i = 0; i < blocks.count(); i++) {
      BlockBytes bytes =
          new Predictor(TiffPacked.open(blocks.find(i), compression), predictor, kind, 3, false);
      try {
        for (int y = 0; y < blocks.height(i); y += down) {
          bytes.read(unit, unit.length);
          units(canvas, unit, i, y);
        }
      } finally {
        bytes.close();
      }
    }
    return canvas.rgb();
  }

  /** Bytes of a row of units; refuses blocks that are missing, too large or too short. */
  private int check(int predictor) throws IOException {
    boolean known =
        across >= 1 && across <= 4 && across != 3 && down >= 1 && down <= 4 && down != 3;
    if (!known || layout.planar() || predictor != 1 && across * down != 1) {
      throw new IOException("luma and chroma in parts of " + across + "x" + down);
    }
    int tag = layout.tiled() ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS;
    long units = ((long) layout.blockWidth() + across - 1) / across;
    long row = units * ((long) across * down + 2);
    long rows = ((long) layout.blockHeight() + down - 1) / down;
    long image = 64L * layout.width() * layout.height() + (1 << 24);
    boolean large = layout.tiled() && rows * blocks.count() > image / row;
    if (tags.count(tag) < blocks.count() || row > 1 << 26 || large) {
      throw new EOFException("strips or tiles that do not fit the image");
    }
    for (int i = 0; i < blocks.count(); i++) {
      if (row * blocks.height(i) / down / 4096 > blocks.find(i).length()) {
        throw new EOFException("strip or tile " + i + " cut short");
      }
    }
    blocks.checkLengths(0);
    return (int) row;
  }

  private void units(TiffCanvas canvas, byte[] unit, int index, int y) {
    int rows = Math.min(down, blocks.height(index) - y);
    int size = across * down + 2;
    for (int x = 0; x < blocks.width(index); x++) {
      int at = x / across * size;
      int cb = unit[at + size - 2] & 0xff;
      int cr = unit[at + size - 1] & 0xff;
      for (int i = 0; i < rows; i++) {
        int luma = lumas[unit[at + i * across + x % across] & 0xff];
        int green = luma + (greenOfBlue[cb] + greenOfRed[cr] >> 16);
        int color =
            clamp(luma + redOfRed[cr]) << 16 | clamp(green) << 8 | clamp(luma + blueOfBlue[cb]);
        canvas.pixel(blocks.left(index) + x, blocks.top(index) + y + i, color);
      }
    }
  }

  private static int clamp(int level) {
    return Math.max(0, Math.min(255, level));
  }
}
