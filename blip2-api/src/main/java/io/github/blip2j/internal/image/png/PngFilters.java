package io.github.blip2j.internal.image.png;

import io.github.blip2j.internal.image.raster.Lanes;

/**
 * Undoes filters (PNG, section 9). Each byte depends on the one a pixel before it, so that bytes
 * beside each other are computed together: two of small pixels, all of large ones. For one thread.
 */
final class PngFilters {
  /** Numbers of filters are less than this. */
  static final int COUNT = 5;

  /** Bytes behind a row that may be read, and are not used. */
  static final int SLACK = 8;

  private static final long HIGH = 0x8080_8080_8080_8080L;

  private final int size; // bytes of a pixel, at least 1
  private final boolean wide;

  PngFilters(int bits) {
    size = (bits + 7) / 8;
    wide = size == 4 || size == 6 || size == 8;
  }

  /**
   * Undoes a row's filter.
   *
   * @param data holds the row, and the one above it
   * @param filter its number, 0 to 4
   * @param from index of the row's first byte
   * @param end index behind its last
   * @param above from the row to the one above, negative
   */
  void undo(byte[] data, int filter, int from, int end, int above) {
    switch (filter) {
      case 0 -> {}
      case 1 -> sub(data, from, end);
      case 2 -> up(data, from, end, above);
      case 3 -> average(data, from, end, above);
      default -> paeth(data, from, end, above);
    }
  }

  /** Undoes the filter of a row above which there is none, which counts as zeros. */
  void undoFirst(byte[] data, int filter, int from, int end) {
    switch (filter) {
      case 1, 4 -> sub(data, from, end); // Paeth's guess is the left
      case 3 -> {
        for (int i = from + size; i < end; i++) {
          data[i] += (byte) ((data[i - size] & 0xff) >> 1);
        }
      }
      default -> {}
    }
  }

  private void sub(byte[] data, int from, int end) {
    if (wide) {
      long left = 0;
      for (int i = from; i < end; i += size) {
        left = sum(load(data, i), left);
        store(data, i, left);
      }
      return;
    }
    for (int channel = from; channel < Math.min(from + size, end); channel++) {
      int left = 0;
      for (int i = channel; i < end; i += size) {
        left += data[i];
        data[i] = (byte) left;
      }
    }
  }

  private static void up(byte[] data, int from, int end, int above) {
    int i = from;
    for (; i <= end - 8; i += 8) {
      Lanes.store(data, i, sum(Lanes.load(data, i), Lanes.load(data, i + above)));
    }
    for (; i < end; i++) {
      data[i] += data[i + above];
    }
  }

  private void average(byte[] data, int from, int end, int above) {
    if (wide) {
      long left = 0;
      for (int i = from; i < end; i += size) {
        long up = load(data, i + above);
        long mean = (left & up) + ((left ^ up) >>> 1 & ~HIGH);
        left = sum(load(data, i), mean);
        store(data, i, left);
      }
      return;
    }
    for (int channel = from; channel < Math.min(from + size, end); channel++) {
      int left = 0;
      for (int i = channel; i < end; i += size) {
        left = data[i] + (left + (data[i + above] & 0xff) >> 1) & 0xff;
        data[i] = (byte) left;
      }
    }
  }

  private void paeth(byte[] data, int from, int end, int above) {
    if (size >= 6) {
      widePaeth(data, from, end, above);
      return;
    }
    int channel = 0;
    for (; channel + 1 < size; channel += 2) {
      twoPaeth(data, from + channel, end, above);
    }
    if (channel < size) {
      onePaeth(data, from + channel, end, above);
    }
  }

  private void onePaeth(byte[] data, int from, int end, int above) {
    int left = 0;
    int corner = 0;
    for (int i = from; i < end; i += size) {
      int up = data[i + above] & 0xff;
      left = data[i] + nearest(left, up, corner) & 0xff;
      data[i] = (byte) left;
      corner = up;
    }
  }

  private void twoPaeth(byte[] data, int from, int end, int above) {
    int left = 0;
    int corner = 0;
    int left2 = 0;
    int corner2 = 0;
    for (int i = from; i + 1 < end; i += size) {
      int up = data[i + above] & 0xff;
      int up2 = data[i + above + 1] & 0xff;
      left = data[i] + nearest(left, up, corner) & 0xff;
      left2 = data[i + 1] + nearest(left2, up2, corner2) & 0xff;
      data[i] = (byte) left;
      data[i + 1] = (byte) left2;
      corner = up;
      corner2 = up2;
    }
  }

  /**
   * Section 9.4, Paeth's predictor: of left, up and corner the one nearest to left + up - corner,
   * in this order. With the larger and the smaller of left and up, it is the smaller one where
   * three corners less both reach the larger, and so on; no distance is needed.
   */
  private static int nearest(int left, int up, int corner) {
    int edge = 3 * corner - left - up;
    int low = Math.min(left, up);
    int high = Math.max(left, up);
    int below = high <= edge ? low : corner;
    return edge <= low ? high : below;
  }

  private void widePaeth(byte[] data, int from, int end, int above) {
    long left = 0;
    long corner = 0;
    for (int i = from; i < end; i += size) {
      long up = load(data, i + above);
      long even = nearest(left & Lanes.BYTES, up & Lanes.BYTES, corner & Lanes.BYTES);
      long odd =
          nearest(left >>> 8 & Lanes.BYTES, up >>> 8 & Lanes.BYTES, corner >>> 8 & Lanes.BYTES);
      left = sum(load(data, i), even | odd << 8);
      store(data, i, left);
      corner = up;
    }
  }

  /** The same for four numbers. */
  private static long nearest(long left, long up, long corner) {
    long both = left + up;
    long edge = 3 * corner - both;
    long high = Lanes.select(Lanes.mask(Lanes.positive(left - up)), left, up);
    long low = both - high;
    long below = Lanes.select(Lanes.mask(Lanes.positive(edge - high)), low, corner);
    return Lanes.select(Lanes.mask(Lanes.positive(low - edge)), high, below);
  }

  /** Adds each of eight bytes. */
  private static long sum(long a, long b) {
    return (a & ~HIGH) + (b & ~HIGH) ^ (a ^ b) & HIGH;
  }

  /** A pixel, and perhaps bytes behind it. */
  private long load(byte[] data, int at) {
    return size == 4 ? Lanes.loadFour(data, at) : Lanes.load(data, at);
  }

  private void store(byte[] data, int at, long pixel) {
    if (size == 8) {
      Lanes.store(data, at, pixel);
      return;
    }
    Lanes.storeFour(data, at, (int) pixel);
    if (size == 6) {
      data[at + 4] = (byte) (pixel >>> 32);
      data[at + 5] = (byte) (pixel >>> 40);
    }
  }
}
