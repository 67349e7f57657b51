package io.github.blip2j.internal.image.png;

import io.github.blip2j.internal.image.PackedRow;
import io.github.blip2j.internal.image.RgbImage;
import io.github.blip2j.internal.image.RgbRow;
import java.io.EOFException;
import java.io.IOException;

/** From inflated rows to pixels: filters, and Adam7's passes. For one thread. */
final class PngRows {
  private static final int[] LEFT = {0, 4, 0, 2, 0, 1, 0};
  private static final int[] TOP = {0, 0, 4, 0, 2, 0, 1};
  private static final int[] RIGHT = {8, 8, 4, 4, 2, 2, 1};
  private static final int[] DOWN = {8, 8, 8, 4, 4, 2, 2};
  private static final int BUFFER = 1 << 16;

  private final PngHeader header;
  private final PngHeader.Box box;
  private final int bits;
  private final PackedRow kind;
  private byte[] rgb = {};

  PngRows(PngHeader header) {
    this.header = header;
    this.box = header.box();
    this.bits = header.mode().bits();
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
    if (!header.interlaced()) {
      return (1L + bytes(box.width())) * box.height();
    }
    long sum = 0;
    for (int pass = 0; pass < 7; pass++) {
      int columns = columns(pass);
      long rows = (box.height() - TOP[pass] + DOWN[pass] - 1) / DOWN[pass];
      sum += columns > 0 ? rows * (1L + bytes(columns)) : 0;
    }
    return sum;
  }

  private int columns(int pass) {
    return (box.width() - LEFT[pass] + RIGHT[pass] - 1) / RIGHT[pass];
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
    rgb = new byte[dry ? 3 : 3 * header.width() * header.height()];
    boolean whole = box.width() == header.width() && box.height() == header.height();
    if (header.interlaced()) {
      clear(0);
      interlaced(blocks, dry);
    } else {
      clear(whole ? rgb.length : 0);
      int rows = plain(blocks, dry);
      clear(whole && !dry ? 3 * rows * header.width() : rgb.length);
    }
    return dry ? new RgbImage(1, 1, rgb) : new RgbImage(header.width(), header.height(), rgb);
  }

  /** Gives all pixels from an index on the palette's first colour. */
  private void clear(int from) {
    if (header.mode().isPalette() && from < rgb.length) {
      byte[] first = new byte[3];
      kind.convert(new byte[8], 0, new RgbRow(first).move(0, 1));
      for (int i = from; i < rgb.length; i += 3) {
        System.arraycopy(first, 0, rgb, i, 3);
      }
    }
  }

  private int plain(PngData blocks, boolean dry) throws IOException {
    int length = bytes(box.width());
    Lines lines = new Lines(blocks, length);
    RgbRow to = new RgbRow(rgb);
    int y = 0;
    for (; y < box.height() && lines.next(length); y++) {
      if (!dry) {
        int index = 3 * ((box.top() + y) * header.width() + box.left());
        kind.convert(lines.buffer, lines.at, to.move(index, box.width()));
      }
    }
    return y;
  }

  /** Pillow puts interlaced frames at the image's left top, wherever they say they belong. */
  private void interlaced(PngData blocks, boolean dry) throws IOException {
    Lines lines = new Lines(blocks, bytes(box.width()));
    byte[] line = new byte[3 * box.width()];
    RgbRow packed = new RgbRow(line);
    for (int pass = 0; pass < 7; pass++) {
      int count = columns(pass);
      lines.restart();
      for (int y = TOP[pass]; count > 0 && y < box.height(); y += DOWN[pass]) {
        if (!lines.next(bytes(count))) {
          return;
        }
        if (!dry) {
          kind.convert(lines.buffer, lines.at, packed.move(0, count));
          spread(line, count, 3 * (y * header.width() + LEFT[pass]), 3 * RIGHT[pass]);
        }
      }
    }
  }

  private void spread(byte[] line, int count, int first, int step) {
    for (int x = 0, to = first; x < 3 * count; x += 3, to += step) {
      rgb[to] = line[x];
      rgb[to + 1] = line[x + 1];
      rgb[to + 2] = line[x + 2];
    }
  }

  private int bytes(int pixels) {
    return (int) (((long) pixels * bits + 7) / 8);
  }

  /** Filtered rows, inflated many at a time, each with its filter's number in front. */
  private final class Lines {
    private final PngData blocks;
    private final byte[] buffer;
    private long open = needed(); // bytes that are not inflated yet
    private int last = -1; // where the row before is in the buffer, or -1
    private int at; // the current row
    private int end; // of the bytes inflated
    private int next; // of the bytes used

    Lines(PngData blocks, int longest) {
      this.blocks = blocks;
      this.buffer = new byte[Math.max(BUFFER, 2 * longest + 2)];
    }

    /** The next row has none before it. */
    void restart() {
      last = -1;
    }

    /** Moves to the next row; false when the data ended regularly right before it. */
    boolean next(int length) throws IOException {
      if (end - next < length + 1 && !fill(length)) {
        return false;
      }
      unfilter(next + 1, length, buffer[next]);
      last = next + 1;
      at = last;
      next += length + 1;
      return true;
    }

    private boolean fill(int length) throws IOException {
      if (blocks.finished()) {
        if (next == end) {
          return false;
        }
        throw new EOFException("image data ends within a row");
      }
      int kept = end - next;
      int from = last < 0 ? next : last; // the row before is kept for its filter
      System.arraycopy(buffer, from, buffer, 0, end - from);
      last = last < 0 ? -1 : 0;
      next -= from;
      end -= from;
      int count = blocks.read(buffer, end, (int) Math.min(buffer.length, end + open));
      end += count;
      open -= count;
      if (end - next < length + 1) {
        return kept == 0 && end == next ? false : fill(length);
      }
      return true;
    }

    private void unfilter(int from, int length, int filter) throws IOException {
      byte[] row = buffer;
      int bpp = (bits + 7) / 8;
      if (last < 0 && (filter == 2 || filter == 3 || filter == 4)) {
        first(from, length, filter);
        return;
      }
      int up = last - from;
      switch (filter) {
        case 0 -> {}
        case 1 -> {
          for (int i = from + bpp; i < from + length; i++) {
            row[i] += row[i - bpp];
          }
        }
        case 2 -> {
          for (int i = from; i < from + length; i++) {
            row[i] += row[i + up];
          }
        }
        case 3 -> {
          for (int i = from; i < from + length; i++) {
            int left = i < from + bpp ? 0 : row[i - bpp] & 0xff;
            row[i] += (byte) (left + (row[i + up] & 0xff) >> 1);
          }
        }
        case 4 -> paeth(from, length, up, bpp);
        default -> throw new IOException("row with the unknown filter " + (filter & 0xff));
      }
    }

    private void paeth(int from, int length, int up, int bpp) {
      byte[] row = buffer;
      for (int i = from; i < from + Math.min(bpp, length); i++) {
        row[i] += row[i + up];
      }
      for (int i = from + bpp; i < from + length; i++) {
        int a = row[i - bpp] & 0xff;
        int b = row[i + up] & 0xff;
        int c = row[i + up - bpp] & 0xff;
        int pa = Math.abs(b - c);
        int pb = Math.abs(a - c);
        int pc = Math.abs(a + b - 2 * c);
        row[i] += (byte) (pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
      }
    }

    /** A row above which there is none: up adds nothing, and Paeth's guess is the left. */
    private void first(int from, int length, int filter) {
      int bpp = (bits + 7) / 8;
      for (int i = from + bpp; filter != 2 && i < from + length; i++) {
        int left = buffer[i - bpp] & 0xff;
        buffer[i] += (byte) (filter == 3 ? left >> 1 : left);
      }
    }
  }
}
