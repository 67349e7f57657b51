package io.github.blip2j.internal.image.png;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * What the chunks in front of the image data say, checked as Pillow's PngStream checks them. The
 * same rules hold for chunks behind the data, where they can only refuse the file. For one thread.
 */
final class PngHeader {
  private static final int TEXT_CHUNK = 1 << 20;
  private static final int TEXT_MEMORY = 64 * TEXT_CHUNK;

  private final byte[] data;
  private Mode mode = Mode.NONE;
  private int width;
  private int height;
  private boolean interlaced;
  private byte[] palette = {};
  private boolean hasPalette;
  private boolean transparentIndex;
  private Box box = new Box(0, 0, 0, 0);
  private boolean boxed;
  private long sequence = -1;
  private long frames;
  private long text;

  PngHeader(byte[] data) {
    this.data = data;
  }

  /** Part of the image, in pixels, that the first frame covers. */
  record Box(int left, int top, int width, int height) {}

  /** How pixels are stored. */
  enum Mode {
    NONE(0),
    GRAY1(1),
    GRAY2(2),
    GRAY4(4),
    GRAY8(8),
    GRAY16(16),
    RGB8(24),
    RGB16(48),
    PALETTE1(1),
    PALETTE2(2),
    PALETTE4(4),
    PALETTE8(8),
    GRAY_ALPHA8(16),
    GRAY_ALPHA16(32),
    RGB_ALPHA8(32),
    RGB_ALPHA16(64);

    private final int bits;

    Mode(int bits) {
      this.bits = bits;
    }

    /** Bits of one pixel. */
    int bits() {
      return bits;
    }

    boolean isPalette() {
      return name().startsWith("PALETTE");
    }

    private static Mode of(int depth, int color, Mode otherwise) {
      String kind =
          switch (color) {
            case 0 -> "GRAY";
            case 2 -> "RGB";
            case 3 -> "PALETTE";
            case 4 -> "GRAY_ALPHA";
            case 6 -> "RGB_ALPHA";
            default -> "?";
          };
      for (Mode mode : values()) {
        if (mode.name().equals(kind + depth)) {
          return mode;
        }
      }
      return otherwise;
    }
  }

  Mode mode() {
    return mode;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  boolean interlaced() {
    return interlaced;
  }

  /** Red, green and blue of each entry; may end in the middle of one. */
  byte[] palette() {
    return palette;
  }

  /** Whether the first frame is one of several, so that its end is the next frame. */
  boolean animated() {
    return frames + (boxed ? 0 : 1) > 1 && frames > 0;
  }

  /** Where the image data goes. */
  Box box() {
    return boxed ? box : new Box(0, 0, width, height);
  }

  /** Number of the last frame chunk, -1 before the first. */
  long sequence() {
    return sequence;
  }

  /** Goes back to where {@link #sequence} was that number. */
  void restart(long number) {
    sequence = number;
  }

  /** Looks at a chunk that is neither IDAT nor IEND. */
  void read(PngChunk chunk) throws IOException {
    int at = chunk.at();
    switch (chunk.type()) {
      case "IHDR" -> size(chunk.require(data, 13).at());
      case "PLTE" -> colors(chunk.require(data, 0));
      case "tRNS" -> transparency(chunk.require(data, 0));
      case "gAMA" -> chunk.require(data, 4);
      case "sRGB" -> chunk.require(data, 1);
      case "pHYs" -> chunk.require(data, 9);
      case "acTL" -> animation(chunk.require(data, 8).at());
      case "fcTL" -> frame(chunk.require(data, 26).at());
      case "cHRM" -> {
        chunk.require(data, 0);
        if (chunk.length() % 4 != 0) {
          throw new IOException("cHRM chunk of " + chunk.length() + " bytes");
        }
      }
      case "iCCP" -> profile(at, at + (int) chunk.require(data, 0).length());
      case "tEXt", "zTXt", "iTXt" ->
          text(chunk.type(), at, at + (int) chunk.require(data, 0).length());
      default -> chunk.require(data, 0);
    }
  }

  /** A frame's data chunk begins with its number, which must be the next. */
  void frameData(PngChunk chunk) throws IOException {
    if (chunk.length() < 4 || chunk.at() + 4 > data.length) {
      throw new IOException("fdAT chunk cut short");
    }
    next(chunk.at());
  }

  private void next(int at) throws IOException {
    long number = PngChunk.integer(data, at) & 0xffffffffL;
    if (number != sequence + 1) {
      throw new IOException("frame number " + number + " behind " + sequence);
    }
    sequence = number;
  }

  private void size(int at) throws IOException {
    width = PngChunk.integer(data, at);
    height = PngChunk.integer(data, at + 4);
    mode = Mode.of(data[at + 8], data[at + 9], mode);
    interlaced |= data[at + 12] != 0;
    if (data[at + 11] != 0) {
      throw new IOException("filter category " + (data[at + 11] & 0xff));
    }
  }

  private void colors(PngChunk chunk) {
    if (mode.isPalette()) {
      palette = Arrays.copyOfRange(data, chunk.at(), chunk.at() + (int) chunk.length());
      hasPalette = true;
    }
  }

  private void transparency(PngChunk chunk) throws IOException {
    int needed =
        switch (mode) {
          case GRAY1, GRAY2, GRAY4, GRAY8, GRAY16 -> 2;
          case RGB8, RGB16 -> 6;
          default -> 0;
        };
    chunk.require(data, needed);
    if (mode.isPalette()) {
      int zeros = 0;
      int others = 0;
      for (int i = 0; i < chunk.length(); i++) {
        byte alpha = data[chunk.at() + i];
        zeros += alpha == 0 ? 1 : 0;
        others += alpha == 0 || alpha == (byte) 255 ? 0 : 1;
      }
      transparentIndex = zeros == 1 && others == 0;
    }
  }

  /** Pillow cannot give an image a palette of more than 256, nor transparency without one. */
  void checkPalette() throws IOException {
    if (mode.isPalette() && hasPalette) {
      if (palette.length / 3 > 256) {
        throw new IOException("a palette of more than 256 colours");
      }
    } else if (mode.isPalette() && transparentIndex) {
      throw new IOException("transparency without a palette");
    }
  }

  private void animation(int at) {
    long count = PngChunk.integer(data, at) & 0xffffffffL;
    frames = frames > 0 || count > 0x80000000L ? 0 : count;
  }

  private void frame(int at) throws IOException {
    next(at);
    long frameWidth = PngChunk.integer(data, at + 4) & 0xffffffffL;
    long frameHeight = PngChunk.integer(data, at + 8) & 0xffffffffL;
    long left = PngChunk.integer(data, at + 12) & 0xffffffffL;
    long top = PngChunk.integer(data, at + 16) & 0xffffffffL;
    if (left + frameWidth > (width & 0xffffffffL) || top + frameHeight > (height & 0xffffffffL)) {
      throw new IOException("a frame that sticks out of the image");
    }
    box = new Box((int) left, (int) top, (int) frameWidth, (int) frameHeight);
    boxed = true;
  }

  private void profile(int from, int to) throws IOException {
    int zero = indexOf(0, from, to);
    int method = zero < to ? zero + 1 : from; // without a name, Pillow looks at the first byte
    if (method >= to || data[method] != 0) {
      throw new IOException("iCCP chunk of an unknown compression");
    }
    text += inflate(method + 1, to); // counted, so that many profiles cost no more than much text
    checkText();
  }

  private void text(String kind, int from, int to) throws IOException {
    int value = indexOf(0, from, to) + 1;
    if (kind.equals("zTXt") && value < to) {
      if (data[value] != 0) {
        throw new IOException("zTXt chunk of an unknown compression");
      }
      text += inflate(value + 1, to);
    } else if (kind.equals("iTXt") && value + 2 <= to) {
      boolean compressed = data[value] != 0;
      int body = indexOf(0, indexOf(0, value + 2, to) + 1, to) + 1;
      if (body <= to && (!compressed || data[value + 1] == 0)) {
        text += compressed ? inflate(body, to) : to - body;
      }
    } else if (kind.equals("tEXt")) {
      text += Math.max(0, to - value);
    }
    checkText();
  }

  private void checkText() throws IOException {
    if (text > TEXT_MEMORY) {
      throw new IOException("more than " + TEXT_MEMORY + " bytes of text");
    }
  }

  private int indexOf(int value, int from, int to) {
    int at = from;
    while (at < to && data[at] != value) {
      at++;
    }
    return at;
  }

  /** Bytes that a compressed chunk holds; damage counts as an end, more than a MiB is refused. */
  private int inflate(int from, int to) throws IOException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(data, from, Math.max(0, to - from));
      byte[] buffer = new byte[8192];
      int total = 0;
      while (total < TEXT_CHUNK) {
        int count = inflater.inflate(buffer, 0, Math.min(buffer.length, TEXT_CHUNK - total));
        if (count == 0) {
          return total;
        }
        total += count;
      }
      if (!inflater.finished() && inflater.getRemaining() > 0) {
        throw new IOException("a compressed chunk of more than " + TEXT_CHUNK + " bytes");
      }
      return total;
    } catch (DataFormatException e) {
      return 0;
    } finally {
      inflater.end();
    }
  }
}
