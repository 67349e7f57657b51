package io.github.blip2j.internal.image;

import java.util.function.LongConsumer;

/**
 * Runs of bytes (RLE8) or nibbles (RLE4), as Pillow's BmpRleDecoder reads them: a sequence of
 * indexes without regard to rows, except that an encoded run stops at a row's end. For one thread.
 */
final class BmpRuns {
  private final byte[] data;
  private final int start;
  private final boolean nibbles;
  private final int width;

  BmpRuns(byte[] data, int start, boolean nibbles, int width) {
    this.data = data;
    this.start = start;
    this.nibbles = nibbles;
    this.width = width;
  }

  /** Whether there are at least so many pixels; nothing is kept of them. */
  boolean covers(long pixels) {
    return new Walk(pixels, at -> {}).run() >= pixels;
  }

  /** The pixels, each through 256 colours 0xRRGGBB. */
  byte[] pixels(int[] colors, int height, boolean topDown) {
    byte[] rgb = new byte[3 * width * height];
    if (colors[0] != 0) {
      for (long i = 0; i < (long) width * height; i++) {
        put(rgb, 3 * (int) i, colors[0]);
      }
    }
    new Walk(
            (long) width * height,
            pixel -> {
              long at = pixel >>> 8;
              int row = (int) (at / width);
              int column = (int) (at % width);
              int y = topDown ? row : height - 1 - row;
              put(rgb, 3 * (y * width + column), colors[(int) pixel & 0xff]);
            })
        .run();
    return rgb;
  }

  private static void put(byte[] rgb, int at, int color) {
    rgb[at] = (byte) (color >> 16);
    rgb[at + 1] = (byte) (color >> 8);
    rgb[at + 2] = (byte) color;
  }

  /** One walk over the runs; pixels other than index 0 are given away as position << 8 | index. */
  private final class Walk {
    private final long wanted;
    private final LongConsumer sink;
    private int at = start;
    private long done;
    private long x;

    Walk(long wanted, LongConsumer sink) {
      this.wanted = wanted;
      this.sink = sink;
    }

    long run() {
      while (done < wanted && at + 2 <= data.length) {
        int count = data[at] & 0xff;
        int value = data[at + 1] & 0xff;
        at += 2;
        if (count > 0) {
          encoded(count, value);
        } else if (value == 0) {
          done += (width - done % width) % width;
          x = 0;
        } else if (value == 1 || value == 2 && at + 2 > data.length) {
          break;
        } else if (value == 2) {
          done += (data[at] & 0xff) + (data[at + 1] & 0xffL) * width;
          at += 2;
          x = done % width;
        } else if (!absolute(value)) {
          break;
        }
      }
      return done;
    }

    private void encoded(int count, int value) {
      int fits = (int) Math.max(0, Math.min(count, width - x));
      for (int i = 0; i < fits; i++) {
        add(!nibbles ? value : i % 2 == 0 ? value >> 4 : value & 15);
      }
      x += fits;
    }

    private boolean absolute(int count) {
      int bytes = nibbles ? count / 2 : count;
      int there = Math.min(bytes, data.length - at);
      for (int i = 0; i < there; i++) {
        int value = data[at + i] & 0xff;
        if (nibbles) {
          add(value >> 4);
          add(value & 15);
        } else {
          add(value);
        }
      }
      at += there;
      x += count;
      at += at & 1;
      return there == bytes;
    }

    private void add(int index) {
      if (done < wanted && index != 0) {
        sink.accept(done << 8 | index);
      }
      done++;
    }
  }
}
