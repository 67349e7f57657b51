package io.github.blip2j.internal.image.raster;

/**
 * Turns a row of samples as a file packs them into red, green and blue, as Pillow's unpackers
 * (libImaging/Unpack.c) and its {@code convert("RGB")} (libImaging/Convert.c) do together.
 */
@FunctionalInterface
public interface PackedRow {
  /**
   * Converts a row.
   *
   * @param data where the samples are
   * @param from index of the row's first byte
   * @param to how many pixels there are, and where they go
   */
  void convert(byte[] data, int from, RgbRow to);

  /** One sample of 1, 2, 4 or 8 bits, the first in the highest bits, looked up in 0xRRGGBB. */
  static PackedRow palette(int[] colors, int bits) {
    int mask = (1 << bits) - 1;
    return (data, from, to) -> {
      byte[] rgb = to.rgb();
      int at = to.at();
      int shift = 8;
      for (int i = to.pixels(), in = from; i > 0; i--, at += 3) {
        shift -= bits;
        int color = colors[data[in] >> shift & mask];
        if (shift == 0) {
          shift = 8;
          in++;
        }
        rgb[at] = (byte) (color >> 16);
        rgb[at + 1] = (byte) (color >> 8);
        rgb[at + 2] = (byte) color;
      }
    };
  }

  /** Grey of {@code bytes} bytes a pixel, its level in byte {@code offset} of them. */
  static PackedRow gray(int bytes, int offset) {
    return (data, from, to) -> {
      byte[] rgb = to.rgb();
      int at = to.at();
      for (int i = to.pixels(), in = from + offset; i > 0; i--, in += bytes, at += 3) {
        byte level = data[in];
        rgb[at] = level;
        rgb[at + 1] = level;
        rgb[at + 2] = level;
      }
    };
  }

  /** Grey of 16 bits without alpha, clipped at 255: Pillow's mode I;16. */
  static PackedRow clipped16(boolean bigEndian) {
    int high = bigEndian ? 0 : 1;
    return (data, from, to) -> {
      byte[] rgb = to.rgb();
      int at = to.at();
      for (int i = to.pixels(), in = from; i > 0; i--, in += 2, at += 3) {
        byte level = data[in + high] == 0 ? data[in + 1 - high] : (byte) 255;
        rgb[at] = level;
        rgb[at + 1] = level;
        rgb[at + 2] = level;
      }
    };
  }

  /**
   * Colour of {@code bytes} bytes a pixel.
   *
   * @param bytes bytes a pixel
   * @param red which of them is red
   * @param green which of them is green
   * @param blue which of them is blue
   */
  static PackedRow rgb(int bytes, int red, int green, int blue) {
    if (bytes == 3 && red == 0 && green == 1 && blue == 2) {
      return (data, from, to) -> System.arraycopy(data, from, to.rgb(), to.at(), 3 * to.pixels());
    }
    return (data, from, to) -> {
      byte[] rgb = to.rgb();
      int at = to.at();
      for (int i = to.pixels(), in = from; i > 0; i--, in += bytes, at += 3) {
        rgb[at] = data[in + red];
        rgb[at + 1] = data[in + green];
        rgb[at + 2] = data[in + blue];
      }
    };
  }

  /** Red, green and blue of 5, 5 and 5 bits, or 5, 6 and 5, blue lowest, little-endian. */
  static PackedRow rgb16(int greenBits) {
    int greens = (1 << greenBits) - 1;
    return (data, from, to) -> {
      byte[] rgb = to.rgb();
      int at = to.at();
      for (int i = to.pixels(), in = from; i > 0; i--, in += 2, at += 3) {
        int pixel = data[in] & 0xff | (data[in + 1] & 0xff) << 8;
        rgb[at] = (byte) ((pixel >> 5 + greenBits & 31) * 255 / 31);
        rgb[at + 1] = (byte) ((pixel >> 5 & greens) * 255 / greens);
        rgb[at + 2] = (byte) ((pixel & 31) * 255 / 31);
      }
    };
  }

  /** 0xRRGGBB of 2^bits levels of grey, stretched to 255. */
  static int[] ramp(int bits) {
    int[] colors = new int[1 << bits];
    for (int i = 0; i < colors.length; i++) {
      colors[i] = i * 255 / (colors.length - 1) * 0x010101;
    }
    return colors;
  }

  /** Pillow's palette of 256: the file's colours, 3 bytes each, and behind them black. */
  static int[] colors(byte[] data, int from, int count) {
    int[] colors = new int[256];
    for (int i = 0, in = from; i < count; i++, in += 3) {
      colors[i] = (data[in] & 0xff) << 16 | (data[in + 1] & 0xff) << 8 | data[in + 2] & 0xff;
    }
    return colors;
  }

  /**
   * Where a decoder writes pixels of one row. One object serves all rows of a decoding, so that
   * images one pixel wide cost no object for each; for one thread.
   */
  final class RgbRow {
    private final byte[] rgb;
    private int at;
    private int pixels;

    /** Writes into (…, 3) bytes of red, green and blue. */
    public RgbRow(byte[] rgb) {
      this.rgb = rgb;
    }

    /** The bytes written to. */
    public byte[] rgb() {
      return rgb;
    }

    /** Index of the first pixel's red. */
    public int at() {
      return at;
    }

    /** How many pixels are written. */
    public int pixels() {
      return pixels;
    }

    /** Moves to other pixels. */
    public RgbRow move(int index, int count) {
      at = index;
      pixels = count;
      return this;
    }
  }
}
