package io.github.blip2j.internal.image;

import java.io.EOFException;
import java.io.IOException;

/**
 * The pixels of a frame: LZW as Pillow's GifDecode.c reads it. For one thread.
 *
 * <p>A code is the index of the last pixel of a string and the code of the string before it. Its
 * first pixel is written at once, the others wait in a buffer that is filled from its end.
 */
final class GifPixels {
  private static final int CODES = 4096;
  private static final int WIDEST = 12;
  private static final int READ = 1 << 16; // what Pillow reads at once

  private final byte[] data;
  private final GifFrame frame;
  private final int bits;
  private final byte[] last = new byte[CODES];
  private final short[] link = new short[CODES];
  private final byte[] waiting = new byte[CODES];

  private int at;
  private int readEnd;
  private int blockLeft;
  private int bitBuffer;
  private int bitCount;
  private int next; // the code of the next string that is remembered
  private int size; // bits of a code
  private int lastCode = -1; // none since the strings were forgotten
  private byte lastPixel;

  /** Prepares; refuses a frame that so few bytes cannot fill. */
  GifPixels(byte[] data, int at, GifFrame frame) throws IOException {
    this.data = data;
    this.frame = frame;
    if (at >= data.length || frame.width() == 0 || frame.height() == 0) {
      throw new IOException("a frame without pixels");
    }
    this.bits = data[at] & 0xff;
    this.next = (1 << bits) + 2;
    this.size = bits + 1;
    this.at = at + 1;
    this.readEnd = (int) Math.min(data.length, this.at + (long) READ);
    if (bits > WIDEST) {
      throw new IOException("codes of " + bits + " bits");
    }
    long codes = 8L * (data.length - at) / (bits + 1) + 1;
    if ((long) frame.width() * frame.height() > codes * CODES) {
      throw new EOFException("image data cut short");
    }
  }

  static void put(byte[] rgb, int at, int color) {
    rgb[at] = (byte) (color >> 16);
    rgb[at + 1] = (byte) (color >> 8);
    rgb[at + 2] = (byte) color;
  }

  /**
   * Decodes the frame to its last pixel.
   *
   * @param interlaced whether every eighth row comes first, and so on
   * @param colors 256 of 0xRRGGBB
   * @param rgb the screen, (height, screenWidth, 3)
   * @param screenWidth pixels in a row of it
   */
  void decode(boolean interlaced, int[] colors, byte[] rgb, int screenWidth) throws IOException {
    Place place = new Place(interlaced, colors, rgb, screenWidth);
    int clear = 1 << bits;
    boolean done = false;
    while (!done) {
      int code = code();
      if (code == clear) {
        next = clear + 2;
        size = bits + 1;
        lastCode = -1;
      } else if (code == clear + 1) {
        more(); // more pixels may follow, in Pillow too, but not at the end of the file
      } else if (code > (lastCode < 0 ? clear : next)) {
        throw new IOException("damaged image data");
      } else if (lastCode < 0) {
        lastPixel = (byte) code;
        lastCode = code;
        done = place.put(lastPixel);
      } else {
        int from = string(code, clear);
        done = place.put(lastPixel) || place.put(waiting, from);
      }
    }
  }

  /** Puts a string's pixels behind its first into the buffer, and remembers a longer string. */
  private int string(int code, int clear) throws IOException {
    int from = CODES;
    int c = code;
    if (code == next) {
      waiting[--from] = lastPixel;
      c = lastCode;
    }
    while (c >= clear) {
      if (from == 0 || c >= CODES) {
        throw new IOException("damaged image data");
      }
      waiting[--from] = last[c];
      c = link[c];
    }
    lastPixel = (byte) c;
    if (next < CODES) {
      last[next] = lastPixel;
      link[next] = (short) lastCode;
      if (next == (1 << size) - 1 && size < WIDEST) {
        size++;
      }
      next++;
    }
    lastCode = code;
    return from;
  }

  private int code() throws IOException {
    while (bitCount < size) {
      if (blockLeft == 0) {
        block();
      } else {
        bitBuffer |= (data[at++] & 0xff) << bitCount;
        bitCount += 8;
        blockLeft--;
      }
    }
    int code = bitBuffer & (1 << size) - 1;
    bitBuffer >>>= size;
    bitCount -= size;
    return code;
  }

  /** Begins a block, which has to be there as a whole. */
  private void block() throws IOException {
    while (at >= readEnd || at + 1 + (data[at] & 0xff) > readEnd) {
      more();
    }
    blockLeft = data[at++] & 0xff;
  }

  private void more() throws IOException {
    if (readEnd >= data.length) {
      throw new EOFException("image data cut short");
    }
    readEnd = (int) Math.min(data.length, readEnd + (long) READ);
  }

  /** Where the next pixel goes. */
  private final class Place {
    private final int[] colors;
    private final byte[] rgb;
    private final int screenWidth;
    private int x;
    private int y;
    private int step;
    private int pass;
    private int to;

    Place(boolean interlaced, int[] colors, byte[] rgb, int screenWidth) {
      this.colors = colors;
      this.rgb = rgb;
      this.screenWidth = screenWidth;
      this.pass = interlaced ? 1 : 0;
      this.step = interlaced ? 8 : 1;
      row();
    }

    /** Writes a pixel; true when it was the frame's last. */
    boolean put(byte index) {
      GifPixels.put(rgb, to, colors[index & 0xff]);
      to += 3;
      return ++x == frame.width() && nextRow();
    }

    boolean put(byte[] indexes, int from) {
      for (int i = from; i < indexes.length; i++) {
        if (put(indexes[i])) {
          return true;
        }
      }
      return false;
    }

    private boolean nextRow() {
      x = 0;
      y += step;
      while (y >= frame.height()) {
        switch (pass) {
          case 1 -> y = 4;
          case 2 -> y = 2;
          case 3 -> y = 1;
          default -> {
            return true;
          }
        }
        step = pass == 1 ? 8 : 8 >> (pass - 1);
        pass = pass == 3 ? 0 : pass + 1;
      }
      row();
      return false;
    }

    private void row() {
      to = 3 * ((frame.top() + y) * screenWidth + frame.left());
    }
  }
}
