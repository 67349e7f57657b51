package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;
import io.github.blip2j.internal.image.webp.EdgeLanes.Strength;

/**
 * Smooths a plane's edges between blocks (RFC 6386, section 15). What lies across the edges of a
 * macroblock is taken apart once for all of them, four pixels wide. For one thread.
 */
final class LoopFilter {
  private static final int REACH = 4; // pixels on either side of an edge, and from edge to edge

  private final byte[] pixels;
  private final int stride;
  private final int size;
  private final long[] even = new long[16 + REACH]; // every second pixel along an edge
  private final long[] odd = new long[16 + REACH];
  private final long[][] both = {even, odd};

  /**
   * Filters a plane.
   *
   * @param stride pixels from one row to the next
   * @param size pixels along an edge, 16 or 8
   */
  LoopFilter(byte[] pixels, int stride, int size) {
    this.pixels = pixels;
    this.stride = stride;
    this.size = size;
  }

  /** Pixels along an edge. */
  int size() {
    return size;
  }

  /**
   * How a macroblock's edges are filtered.
   *
   * @param simple whether the simple filter is used
   * @param outer at its own edge
   * @param inner at those between its subblocks
   */
  record Limits(boolean simple, Strength outer, Strength inner) {}

  /**
   * Filters edges between rows.
   *
   * @param at a macroblock's first pixel
   * @param first the first edge: 0 for the macroblock's upper one, or 4
   * @param end behind the last edge, a multiple of 4
   */
  void rows(int at, int first, int end, Limits limits) {
    int top = at + (first - REACH) * stride;
    int count = end - first + REACH;
    for (int column = top; column < top + size; column += 8) {
      for (int i = 0; i < count; i++) {
        long row = Lanes.load(pixels, column + i * stride);
        even[i] = row & Lanes.BYTES;
        odd[i] = row >>> 8 & Lanes.BYTES;
      }
      boolean changed = false;
      for (long[] line : both) { // at one place, for the compiler's sake
        changed |= filter(line, first, end, limits);
      }
      if (changed) {
        for (int i = 1; i < count; i++) {
          Lanes.store(pixels, column + i * stride, even[i] | odd[i] << 8);
        }
      }
    }
  }

  /** Filters edges between columns; likewise. */
  void columns(int at, int first, int end, Limits limits) {
    int left = at + first - REACH;
    int count = end - first + REACH;
    for (int row = left; row < left + size * stride; row += 4 * stride) {
      for (int i = 0; i < count; i += 4) {
        turn(row + i, even, i);
      }
      if (filter(even, first, end, limits)) {
        for (int i = 0; i < count; i += 4) {
          turnBack(even, i, row + i);
        }
      }
    }
  }

  /** Takes four columns of four rows. */
  private void turn(int from, long[] to, int at) {
    long first = Lanes.loadFour(pixels, from);
    long second = Lanes.loadFour(pixels, from + stride);
    long oneAndThree = first | Lanes.loadFour(pixels, from + 2 * stride) << 32;
    long twoAndFour = second | Lanes.loadFour(pixels, from + 3 * stride) << 32;
    long a = oneAndThree & Lanes.BYTES;
    long b = twoAndFour & Lanes.BYTES;
    to[at] = Lanes.even(a, b);
    to[at + 2] = Lanes.odd(a, b);
    a = oneAndThree >>> 8 & Lanes.BYTES;
    b = twoAndFour >>> 8 & Lanes.BYTES;
    to[at + 1] = Lanes.even(a, b);
    to[at + 3] = Lanes.odd(a, b);
  }

  /** Writes four columns of four rows. */
  private void turnBack(long[] from, int at, int to) {
    long front = from[at] | from[at + 1] << 8;
    long behind = from[at + 2] | from[at + 3] << 8;
    long oneAndThree = Lanes.even(front, behind);
    long twoAndFour = Lanes.odd(front, behind);
    Lanes.storeFour(pixels, to, (int) oneAndThree);
    Lanes.storeFour(pixels, to + stride, (int) twoAndFour);
    Lanes.storeFour(pixels, to + 2 * stride, (int) (oneAndThree >>> 32));
    Lanes.storeFour(pixels, to + 3 * stride, (int) (twoAndFour >>> 32));
  }

  /** Filters one edge after another; whether anything changes. */
  private static boolean filter(long[] line, int first, int end, Limits limits) {
    boolean changed = false;
    for (int edge = first; edge < end; edge += REACH) {
      int q = edge - first + REACH;
      Strength strength = edge == 0 ? limits.outer : limits.inner;
      if (limits.simple) {
        changed |= EdgeLanes.simple(line, q, strength);
      } else if (edge == 0) {
        changed |= EdgeLanes.outer(line, q, strength);
      } else {
        changed |= EdgeLanes.inner(line, q, strength);
      }
    }
    return changed;
  }
}
