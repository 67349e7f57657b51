package io.github.blip2j.internal.image.png;

import io.github.blip2j.internal.image.raster.PackedRow;
import io.github.blip2j.internal.image.raster.PackedRow.RgbRow;
import io.github.blip2j.internal.image.raster.RgbImage;
import io.github.blip2j.internal.image.raster.RowStages;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Inflates an image's rows, many at a time, while those before them become pixels, perhaps in
 * another thread. For one thread.
 */
final class PngRows {
  private static final int BUFFER = 1 << 17;
  private static final int SLOTS = 4; // of a buffer each
  private static final int SMALL = 8 * BUFFER;

  private final PngHeader header;
  private final PngHeader.Box box;
  private final PackedRow kind;

  PngRows(PngHeader header) {
    this.header = header;
    this.box = header.box();
    this.kind = kind(header);
  }

  private static PackedRow kind(PngHeader header) {
    byte[] palette = header.palette();
    return switch (header.mode()) {
      case GRAY1, GRAY2, GRAY4 ->
          PackedRow.palette(PackedRow.ramp(header.mode().bits()), header.mode().bits());
      case PALETTE1, PALETTE2, PALETTE4, PALETTE8 ->
          PackedRow.palette(PackedRow.colors(palette, 0, palette.length / 3), header.mode().bits());
      case NONE, GRAY8 -> PackedRow.gray(1, 0);
      case GRAY16 -> PackedRow.clipped16(true);
      case GRAY_ALPHA8 -> PackedRow.gray(2, 0);
      case GRAY_ALPHA16 -> PackedRow.gray(4, 0);
      case RGB8 -> PackedRow.rgb(3, 0, 1, 2);
      case RGB16 -> PackedRow.rgb(6, 0, 2, 4);
      case RGB_ALPHA8 -> PackedRow.rgb(4, 0, 1, 2);
      case RGB_ALPHA16 -> PackedRow.rgb(8, 0, 2, 4);
    };
  }

  /** Inflated bytes of the whole image. */
  long needed() {
    return new PngWalk(header).needed();
  }

  /**
   * Reads the image; rows that are missing behind a regular end stay at index or level 0.
   *
   * @param blocks the data from its beginning
   * @param dry only look whether it can be read; the result has one pixel
   */
  RgbImage read(PngData blocks, boolean dry) throws IOException {
    if (box.width() < 1 || box.height() < 1) {
      throw new IOException("a frame without pixels");
    }
    if (dry) {
      inflate(blocks, List.of());
      return new RgbImage(1, 1, new byte[3]);
    }
    int width = header.width();
    byte[] rgb = new byte[3 * width * header.height()];
    boolean whole = box.width() == width && box.height() == header.height();
    boolean inOrder = whole && !header.interlaced();
    clear(rgb, inOrder ? rgb.length : 0);
    PngPixels pixels = new PngPixels(header, kind, rgb);
    int rows = inflate(blocks, List.of(pixels::add));
    clear(rgb, inOrder ? 3 * rows * width : rgb.length);
    return new RgbImage(width, header.height(), rgb);
  }

  /** Gives all pixels from an index on the palette's first colour. */
  private void clear(byte[] rgb, int from) {
    if (header.mode().isPalette() && from < rgb.length) {
      byte[] first = new byte[3];
      kind.convert(new byte[8], 0, new RgbRow(first).move(0, 1));
      for (int i = from; i < rgb.length; i += 3) {
        System.arraycopy(first, 0, rgb, i, 3);
      }
    }
  }

  /** Takes rows through a stage; gives how many there were. */
  private int inflate(PngData blocks, List<Consumer<PngLines>> pixels) throws IOException {
    PngWalk walk = new PngWalk(header);
    long needed = walk.needed();
    int longest = walk.longest();
    int size = (int) Math.min(needed, Math.max(BUFFER, longest + 1));
    int count = needed > SMALL && longest < BUFFER ? SLOTS : 1;
    int rows = 0;
    try (RowStages<PngLines> stages =
        new RowStages<>(count, () -> new PngLines(longest, size), pixels)) {
      while (!walk.done() && !blocks.finished()) {
        PngLines lines = stages.next();
        lines.fill(blocks, walk);
        rows += lines.count();
        stages.filled();
      }
      stages.finish();
    }
    return rows;
  }
}
