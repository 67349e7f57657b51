package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;
import io.github.blip2j.internal.image.webp.EdgeLanes.Strength;

/**
 * Smooths the edges between blocks (RFC 6386, section 15), four positions of an edge at a time. For
 * one thread.
 */
final class LoopFilter {
  /** Which filter an edge needs. */
  enum Kind {
    SIMPLE,
    INNER,
    OUTER
  }

  private final byte[] pixels;
  private final int stride;
  private final int size;
  private final EdgeLanes even = new EdgeLanes(); // every second pixel along an edge
  private final EdgeLanes odd = new EdgeLanes();

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
   * Filters the edge between a row and the one above it.
   *
   * @param at the first pixel below the edge
   */
  void below(int at, Strength strength, Kind kind) {
    for (int q = at; q < at + size; q += 8) {
      load(q);
      if (filter(even, strength, kind) | filter(odd, strength, kind)) {
        store(q);
      }
    }
  }

  private void load(int q) {
    long row = Lanes.load(pixels, q - 4 * stride);
    even.p3 = row & Lanes.BYTES;
    odd.p3 = row >>> 8 & Lanes.BYTES;
    row = Lanes.load(pixels, q - 3 * stride);
    even.p2 = row & Lanes.BYTES;
    odd.p2 = row >>> 8 & Lanes.BYTES;
    row = Lanes.load(pixels, q - 2 * stride);
    even.p1 = row & Lanes.BYTES;
    odd.p1 = row >>> 8 & Lanes.BYTES;
    row = Lanes.load(pixels, q - stride);
    even.p0 = row & Lanes.BYTES;
    odd.p0 = row >>> 8 & Lanes.BYTES;
    row = Lanes.load(pixels, q);
    even.q0 = row & Lanes.BYTES;
    odd.q0 = row >>> 8 & Lanes.BYTES;
    row = Lanes.load(pixels, q + stride);
    even.q1 = row & Lanes.BYTES;
    odd.q1 = row >>> 8 & Lanes.BYTES;
    row = Lanes.load(pixels, q + 2 * stride);
    even.q2 = row & Lanes.BYTES;
    odd.q2 = row >>> 8 & Lanes.BYTES;
    row = Lanes.load(pixels, q + 3 * stride);
    even.q3 = row & Lanes.BYTES;
    odd.q3 = row >>> 8 & Lanes.BYTES;
  }

  private void store(int q) {
    Lanes.store(pixels, q - 3 * stride, even.p2 | odd.p2 << 8);
    Lanes.store(pixels, q - 2 * stride, even.p1 | odd.p1 << 8);
    Lanes.store(pixels, q - stride, even.p0 | odd.p0 << 8);
    Lanes.store(pixels, q, even.q0 | odd.q0 << 8);
    Lanes.store(pixels, q + stride, even.q1 | odd.q1 << 8);
    Lanes.store(pixels, q + 2 * stride, even.q2 | odd.q2 << 8);
  }

  /**
   * Filters the edge between a column and the one to its left.
   *
   * @param at the first pixel to the right of the edge
   */
  void right(int at, Strength strength, Kind kind) {
    for (int i = 0, from = at - 4; i < size; i += 4, from += 4 * stride) {
      long a = Lanes.load(pixels, from);
      long b = Lanes.load(pixels, from + stride);
      long c = Lanes.load(pixels, from + 2 * stride);
      long d = Lanes.load(pixels, from + 3 * stride);
      even.fromRows(a, b, c, d);
      if (filter(even, strength, kind)) {
        even.toRows(pixels, from, stride);
      }
    }
  }

  private static boolean filter(EdgeLanes edge, Strength strength, Kind kind) {
    return switch (kind) {
      case SIMPLE -> edge.simple(strength);
      case INNER -> edge.inner(strength);
      case OUTER -> edge.outer(strength);
    };
  }
}
