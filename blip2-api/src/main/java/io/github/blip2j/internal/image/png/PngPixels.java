package io.github.blip2j.internal.image.png;

import io.github.blip2j.internal.image.raster.PackedRow;
import io.github.blip2j.internal.image.raster.PackedRow.RgbRow;

/** Undoes the filters of inflated rows and makes pixels of them. For one thread at a time. */
final class PngPixels {
  private final PngWalk walk;
  private final PngFilters filters;
  private final PackedRow kind;
  private final byte[] above; // the last row that was converted
  private final byte[] line; // pixels of one pass's row
  private final RgbRow packed;
  private final RgbRow to;
  private final PngHeader header;

  /**
   * Prepares.
   *
   * @param rgb where to write, (height, width, 3)
   */
  PngPixels(PngHeader header, PackedRow kind, byte[] rgb) {
    this.header = header;
    this.kind = kind;
    walk = new PngWalk(header);
    filters = new PngFilters(header.mode().bits());
    above = new byte[walk.longest()];
    line = new byte[header.interlaced() ? 3 * header.box().width() : 0];
    packed = new RgbRow(line);
    to = new RgbRow(rgb);
  }

  /** Adds the rows that come next. */
  void add(PngLines lines) {
    byte[] data = lines.data();
    int next = lines.start();
    int last = 0;
    System.arraycopy(above, 0, data, 0, above.length);
    for (int i = 0; i < lines.count(); i++) {
      int from = next + 1;
      int end = from + walk.bytes();
      if (walk.first()) {
        filters.undoFirst(data, data[next], from, end);
      } else {
        filters.undo(data, data[next], from, end, last - from);
      }
      convert(data, from);
      last = from;
      next = end;
      walk.next();
    }
    System.arraycopy(data, last, above, 0, next - last);
  }

  /** Pillow puts interlaced frames at the image's left top, wherever they say they belong. */
  private void convert(byte[] data, int from) {
    if (!header.interlaced()) {
      PngHeader.Box box = header.box();
      int index = 3 * ((box.top() + walk.y()) * header.width() + box.left());
      kind.convert(data, from, to.move(index, walk.columns()));
      return;
    }
    int count = walk.columns();
    kind.convert(data, from, packed.move(0, count));
    byte[] rgb = to.rgb();
    int step = 3 * walk.step();
    int at = 3 * (walk.y() * header.width() + walk.left());
    for (int x = 0; x < 3 * count; x += 3, at += step) {
      rgb[at] = line[x];
      rgb[at + 1] = line[x + 1];
      rgb[at + 2] = line[x + 2];
    }
  }
}
