package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;

/**
 * Brings a component's rows to the size of the image (jdsample.c with do_fancy_upsampling): twice
 * as wide, twice as high or both by a triangle filter with weights 3/4 and 1/4, whose halves are
 * rounded up and down in turn; any other ratio, and components of one or two columns, by repeating.
 */
final class Upsampler {
  private enum Kind {
    NONE,
    WIDER, // h2v1
    HIGHER, // h1v2
    BOTH, // h2v2
    REPEAT
  }

  private final SampleRows rows;
  private final Kind kind;
  private final int across;
  private final int down;
  private final int wide; // samples of the component in a row
  private final int high;
  private final byte[] line;
  private final short[] sums;

  /** The array that holds the row of the image that was last asked for. */
  byte[] samples;

  /** Where the row begins in it. */
  int offset;

  Upsampler(JpegFrame frame, Component component, SampleRows rows) {
    this.rows = rows;
    this.across = frame.maxH() / component.h();
    this.down = frame.maxV() / component.v();
    this.wide = frame.samplesWide(component);
    this.high = frame.samplesHigh(component);
    this.kind = kind();
    this.line = new byte[kind == Kind.NONE ? 0 : across * wide];
    this.sums = new short[kind == Kind.BOTH ? wide : 0];
    this.samples = kind == Kind.NONE ? rows.samples : line;
  }

  private Kind kind() {
    if (across == 1 && down == 1) {
      return Kind.NONE;
    }
    if (across == 1 && down == 2) {
      return Kind.HIGHER;
    }
    if (across == 2 && down <= 2 && wide > 2) {
      return down == 1 ? Kind.WIDER : Kind.BOTH;
    }
    return Kind.REPEAT;
  }

  /** Whether a row of the image also needs the component's row below the one it lies in. */
  boolean looksBelow() {
    return kind == Kind.HIGHER || kind == Kind.BOTH;
  }

  /** Makes a row of the image. */
  void select(int y) {
    int near = rows.row(y / down);
    switch (kind) {
      case NONE -> offset = near;
      case WIDER -> wider(near);
      case HIGHER -> higher(near, neighbour(y), y % 2 == 0 ? 1 : 2);
      case BOTH -> both(near, neighbour(y));
      case REPEAT -> repeat(near);
    }
  }

  /** The nearest other row, the same at the edges of the image. */
  private int neighbour(int y) {
    int other = y % 2 == 0 ? y / 2 - 1 : y / 2 + 1;
    return rows.row(Math.max(0, Math.min(high - 1, other)));
  }

  private void wider(int from) {
    byte[] in = rows.samples;
    int last = wide - 1;
    line[0] = in[from];
    line[1] = (byte) (3 * level(in, from) + level(in, from + 1) + 2 >> 2);
    for (int x = 1; x < last; x++) {
      int triple = 3 * level(in, from + x);
      line[2 * x] = (byte) (triple + level(in, from + x - 1) + 1 >> 2);
      line[2 * x + 1] = (byte) (triple + level(in, from + x + 1) + 2 >> 2);
    }
    line[2 * last] = (byte) (3 * level(in, from + last) + level(in, from + last - 1) + 1 >> 2);
    line[2 * last + 1] = in[from + last];
  }

  private void higher(int near, int far, int half) {
    byte[] in = rows.samples;
    for (int x = 0; x < wide; x++) {
      line[x] = (byte) (3 * level(in, near + x) + level(in, far + x) + half >> 2);
    }
  }

  private void both(int near, int far) {
    byte[] in = rows.samples;
    for (int x = 0; x < wide; x++) {
      sums[x] = (short) (3 * level(in, near + x) + level(in, far + x));
    }
    int last = wide - 1;
    line[0] = (byte) (4 * sums[0] + 8 >> 4);
    line[1] = (byte) (3 * sums[0] + sums[1] + 7 >> 4);
    for (int x = 1; x < last; x++) {
      int triple = 3 * sums[x];
      line[2 * x] = (byte) (triple + sums[x - 1] + 8 >> 4);
      line[2 * x + 1] = (byte) (triple + sums[x + 1] + 7 >> 4);
    }
    line[2 * last] = (byte) (3 * sums[last] + sums[last - 1] + 8 >> 4);
    line[2 * last + 1] = (byte) (4 * sums[last] + 7 >> 4);
  }

  private void repeat(int from) {
    for (int x = 0, to = 0; x < wide; x++) {
      byte value = rows.samples[from + x];
      for (int i = 0; i < across; i++) {
        line[to++] = value;
      }
    }
  }

  private static int level(byte[] in, int at) {
    return in[at] & 0xff;
  }
}
