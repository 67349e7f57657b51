package io.github.blip2j.internal.image;

import io.github.blip2j.internal.image.raster.PackedRow;
import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads a GIF's first frame on its screen. What lies around the frame has the transparent index, or
 * 0; a frame that sticks out makes the screen larger; nothing behind the frame is looked at. For
 * one thread.
 */
final class GifDecoder {
  private static final int EXTENSION = '!';
  private static final int IMAGE = ',';
  private static final int TRAILER = ';';
  private static final int GRAPHIC_CONTROL = 249;
  private static final int COMMENT = 254;
  private static final int APPLICATION = 255;
  private static final byte[] LOOP = "NETSCAPE2.0".getBytes(StandardCharsets.ISO_8859_1);

  private final byte[] data;
  private int at = 13;
  private int[] colors = PackedRow.ramp(8);
  private int transparent = -1;

  private GifDecoder(byte[] data) {
    this.data = data;
  }

  /**
   * Reads an image.
   *
   * @param data the file, beginning with GIF's signature
   * @param limit the largest screen accepted, compared before anything is decoded
   * @return the first frame on its screen
   * @throws IOException when Pillow would not show it
   */
  static RgbImage read(byte[] data, PixelLimit limit) throws IOException {
    if (data.length < 13) {
      throw new IOException("cut short");
    }
    return new GifDecoder(data).image(limit);
  }

  private RgbImage image(PixelLimit limit) throws IOException {
    palette(data[10] & 0xff);
    toFrame();
    if (at + 9 > data.length) {
      throw new IOException("cut short");
    }
    GifFrame frame = new GifFrame(number(at), number(at + 2), number(at + 4), number(at + 6));
    int flags = data[at + 8] & 0xff;
    at += 9;
    int width = Math.max(number(6), frame.left() + frame.width());
    int height = Math.max(number(8), frame.top() + frame.height());
    limit.check(width, height);
    palette(flags);
    GifPixels pixels = new GifPixels(data, at, frame);
    byte[] rgb = new byte[3 * width * height];
    int around = colors[Math.max(0, transparent)];
    if (around != 0 && (frame.width() < width || frame.height() < height)) {
      for (int i = 0; i < rgb.length; i += 3) {
        GifPixels.put(rgb, i, around);
      }
    }
    pixels.decode((flags & 0x40) != 0, colors, rgb, width);
    return new RgbImage(width, height, rgb);
  }

  /** Reads the colours that flags announce; Pillow passes over those that begin a grey ramp. */
  private void palette(int flags) {
    if ((flags & 0x80) != 0) {
      int announced = 2 << (flags & 7);
      int count = Math.min(announced, (data.length - at) / 3);
      int[] found = PackedRow.colors(data, at, count);
      if (!Arrays.equals(found, 0, count, PackedRow.ramp(8), 0, count)) {
        colors = found;
      }
      at = Math.min(data.length, at + 3 * announced);
    }
  }

  /** Walks over extensions to the first frame's description. */
  private void toFrame() throws IOException {
    while (at < data.length) {
      int kind = data[at++] & 0xff;
      if (kind == IMAGE) {
        return;
      }
      if (kind == TRAILER) {
        break;
      }
      if (kind == EXTENSION) {
        extension();
      }
    }
    throw new IOException("no frame");
  }

  /** An extension whose first block is empty swallows what follows, as it does in Pillow. */
  private void extension() throws IOException {
    if (at >= data.length) {
      throw new IOException("cut short");
    }
    int kind = data[at++] & 0xff;
    int block = at + 1;
    int length = block();
    if (kind == GRAPHIC_CONTROL && length >= 0) {
      control(block, length);
    } else if (kind == COMMENT) {
      while (length > 0) {
        length = block();
      }
      return;
    } else if (kind == APPLICATION && length >= LOOP.length) {
      if (Arrays.equals(data, block, block + LOOP.length, LOOP, 0, LOOP.length)) {
        block();
      }
    }
    while (block() > 0) {
      continue;
    }
  }

  private void control(int block, int length) throws IOException {
    boolean hasIndex = length > 0 && (data[block] & 1) != 0;
    if (length < (hasIndex ? 4 : 3)) {
      throw new IOException("graphic control extension of " + length + " bytes");
    }
    if (hasIndex) {
      transparent = data[block + 3] & 0xff;
    }
  }

  /** Skips a block: how many bytes it holds in this file, −1 for the empty one that ends a list. */
  private int block() {
    if (at >= data.length || data[at] == 0) {
      at++;
      return -1;
    }
    int length = Math.min(data[at] & 0xff, data.length - at - 1);
    at += 1 + length;
    return length;
  }

  private int number(int offset) {
    return data[offset] & 0xff | (data[offset + 1] & 0xff) << 8;
  }
}
