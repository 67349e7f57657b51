package io.github.blip2j.internal.image;

import io.github.blip2j.internal.image.raster.PackedRow;
import io.github.blip2j.internal.image.raster.PackedRow.RgbRow;
import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** Reads a BMP: 1, 4, 8, 16, 24 and 32 bits, runs, the masks that Pillow knows. Without state. */
final class BmpDecoder {
  private static final int MASKS = 3;

  private final byte[] data;
  private final BmpHeader header;

  private BmpDecoder(byte[] data) throws IOException {
    this.data = data;
    this.header = BmpHeader.read(data);
  }

  /**
   * Reads an image.
   *
   * @param data the file, beginning with BM
   * @param limit the largest size accepted, compared before anything is decoded
   * @return the image, alpha dropped
   * @throws IOException when Pillow would not show it
   */
  static RgbImage read(byte[] data, PixelLimit limit) throws IOException {
    BmpDecoder decoder = new BmpDecoder(data);
    BmpHeader header = decoder.header;
    if (header.width() == 0 || header.height() == 0) {
      throw new IOException("no pixels");
    }
    limit.check(header.width(), header.height());
    return decoder.image();
  }

  /** How pixels are stored: what a row's bytes mean, and how many bits a pixel has in them. */
  private record Layout(PackedRow row, int bits) {}

  private RgbImage image() throws IOException {
    Colors colors = header.bits() <= 8 ? palette() : new Colors(new int[0], false, false, 0);
    if (header.compression() == 1 || header.compression() == 2) {
      if (header.bits() > 8 || colors.bilevel) {
        throw new IOException("runs of " + header.bits() + " bits");
      }
      return runs(colors);
    }
    if (header.compression() != 0 && header.compression() != MASKS) {
      throw new IOException("compression " + header.compression());
    }
    return rows(header.compression() == MASKS ? masks() : plain(colors), colors);
  }

  private Layout plain(Colors colors) throws IOException {
    int bits = header.bits();
    return switch (bits) {
      case 1, 4, 8 -> {
        int stored = colors.bilevel ? 1 : colors.gray ? 8 : bits;
        yield new Layout(PackedRow.palette(colors.rgb, stored), stored);
      }
      case 16 -> new Layout(PackedRow.rgb16(5), 16);
      case 24 -> new Layout(PackedRow.rgb(3, 2, 1, 0), 24);
      case 32 -> new Layout(PackedRow.rgb(4, 2, 1, 0), 32);
      default -> throw new IOException(bits + " bits a pixel");
    };
  }

  /** The masks that Pillow knows; others it refuses. */
  private Layout masks() throws IOException {
    if (data.length < 66) {
      throw new EOFException("cut short");
    }
    int red = (int) BmpHeader.number(data, 54); // in the header, or right behind a short one
    int green = (int) BmpHeader.number(data, 58);
    int blue = (int) BmpHeader.number(data, 62);
    int alpha = header.size() >= 56 ? (int) BmpHeader.number(data, 66) : 0;
    String masks = header.bits() + String.format(Locale.ROOT, " %x %x %x", red, green, blue);
    int[] order =
        switch (header.bits() == 32 ? masks + " " + Integer.toHexString(alpha) : masks) {
          case "32 ff0000 ff00 ff 0", "32 ff0000 ff00 ff ff000000", "32 0 0 0 0" ->
              new int[] {2, 1, 0};
          case "32 ff000000 ff0000 ff00 0", "32 ff000000 ff0000 ff00 ff" -> new int[] {3, 2, 1};
          case "32 ff000000 ff00 ff 0", "32 ff000000 ff00 ff ff0000" -> new int[] {3, 1, 0};
          case "32 ff ff00 ff0000 ff000000" -> new int[] {0, 1, 2};
          case "24 ff0000 ff00 ff" -> new int[] {2, 1, 0};
          case "16 f800 7e0 1f" -> new int[] {6};
          case "16 7c00 3e0 1f" -> new int[] {5};
          default -> throw new IOException("the masks " + masks);
        };
    PackedRow row =
        order.length == 1
            ? PackedRow.rgb16(order[0])
            : PackedRow.rgb(header.bits() / 8, order[0], order[1], order[2]);
    return new Layout(row, header.bits());
  }

  /**
   * A palette of 256.
   *
   * @param rgb the colours, 0xRRGGBB
   * @param gray whether it is a ramp, which Pillow drops: pixels are levels, of 8 bits
   * @param bilevel whether it is black and white, which Pillow drops too: pixels are of 1 bit
   * @param end where it ends in the file
   */
  private record Colors(int[] rgb, boolean gray, boolean bilevel, long end) {}

  private Colors palette() throws IOException {
    if (header.colors() < 1 || header.colors() > 65536) {
      throw new IOException("a palette of " + header.colors() + " colours");
    }
    int entry = header.entry();
    int count = (int) header.colors();
    int there = Math.max(0, Math.min(count * entry, data.length - header.palette()));
    boolean gray = true;
    for (int i = 0, at = header.palette(); gray && i < count; i++, at += entry) {
      byte level = (byte) (count == 2 ? -i : i);
      gray =
          i * entry + 3 <= there
              && data[at] == level
              && data[at + 1] == level
              && data[at + 2] == level;
    }
    long end = (long) header.palette() + there;
    if (gray) {
      return count == 2
          ? new Colors(new int[] {0, 0xffffff}, true, true, end)
          : new Colors(PackedRow.ramp(8), true, false, end);
    }
    if (there / entry > 256) {
      throw new IOException("a palette of more than 256 colours");
    }
    int[] rgb = new int[256];
    for (int i = 0, at = header.palette(); i < there / entry; i++, at += entry) {
      rgb[i] = (data[at + 2] & 0xff) << 16 | (data[at + 1] & 0xff) << 8 | data[at] & 0xff;
    }
    return new Colors(rgb, false, false, end);
  }

  /** Where pixels begin: where the header says, or right behind what was read before. */
  private long start(Colors colors) {
    if (header.pixels() != 0) {
      return header.pixels();
    }
    boolean masks = header.compression() == MASKS && header.size() == 40;
    return header.bits() <= 8 ? colors.end : header.palette() + (masks ? 12 : 0);
  }

  private RgbImage rows(Layout layout, Colors colors) throws IOException {
    int width = (int) header.width();
    int height = (int) header.height();
    long stride = (header.width() * header.bits() + 31) >> 3 & ~3L;
    long length = (header.width() * layout.bits + 7) / 8;
    long start = start(colors);
    if (length > stride || start + stride * (height - 1L) + length > data.length) {
      throw new EOFException("cut short");
    }
    byte[] rgb = new byte[3 * width * height];
    RgbRow to = new RgbRow(rgb);
    for (int y = 0; y < height; y++) {
      int row = header.topDown() ? y : height - 1 - y;
      layout.row.convert(data, (int) (start + stride * y), to.move(3 * row * width, width));
    }
    return new RgbImage(width, height, rgb);
  }

  private RgbImage runs(Colors colors) throws IOException {
    int width = (int) header.width();
    int height = (int) header.height();
    long start = Math.min(start(colors), data.length);
    int[] rgb = Arrays.copyOf(colors.rgb, 256);
    BmpRuns runs = new BmpRuns(data, (int) start, header.compression() == 2, width);
    if (!runs.covers((long) width * height)) {
      throw new EOFException("runs that cover only a part");
    }
    byte[] pixels = runs.pixels(rgb, height, header.topDown());
    return new RgbImage(width, height, pixels);
  }
}
