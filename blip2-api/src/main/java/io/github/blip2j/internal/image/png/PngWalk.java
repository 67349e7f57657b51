package io.github.blip2j.internal.image.png;

/**
 * Walks through the rows of an image in the order in which they are stored: from the top down, or
 * in Adam7's passes. For one thread.
 */
final class PngWalk {
  private static final int PLAIN = 7; // behind the seven passes: every pixel
  private static final int[] LEFT = {0, 4, 0, 2, 0, 1, 0, 0};
  private static final int[] TOP = {0, 0, 4, 0, 2, 0, 1, 0};
  private static final int[] RIGHT = {8, 8, 4, 4, 2, 2, 1, 1};
  private static final int[] DOWN = {8, 8, 8, 4, 4, 2, 2, 1};

  private final PngHeader.Box box;
  private final int bits;
  private final int end; // the pass that is none any more
  private int pass;
  private int columns;
  private int bytes;
  private int y;

  PngWalk(PngHeader header) {
    box = header.box();
    bits = header.mode().bits();
    end = header.interlaced() ? PLAIN : PLAIN + 1;
    enter(header.interlaced() ? 0 : PLAIN);
  }

  private PngWalk(PngWalk other) {
    box = other.box;
    bits = other.bits;
    end = other.end;
    pass = other.pass;
    columns = other.columns;
    bytes = other.bytes;
    y = other.y;
  }

  private PngWalk copy() {
    return new PngWalk(this);
  }

  /** Begins the first pass from one on that has pixels. */
  private void enter(int first) {
    for (pass = first; pass < end; pass++) {
      columns = (box.width() - LEFT[pass] + RIGHT[pass] - 1) / RIGHT[pass];
      bytes = bytes(columns);
      y = TOP[pass];
      if (columns > 0 && y < box.height()) {
        return;
      }
    }
  }

  /** Inflated bytes of all rows from here on. */
  long needed() {
    long sum = 0;
    for (PngWalk walk = copy(); !walk.done(); walk.enter(walk.pass + 1)) {
      sum += walk.rowsLeft() * (1L + walk.bytes);
    }
    return sum;
  }

  /** Bytes of the longest row. */
  int longest() {
    return bytes(box.width());
  }

  /** Bytes of the whole rows from here on that fit into so many. */
  int fitting(int space) {
    int sum = 0;
    for (PngWalk walk = copy(); !walk.done(); walk.enter(walk.pass + 1)) {
      int rows = Math.min(walk.rowsLeft(), (space - sum) / (1 + walk.bytes));
      sum += rows * (1 + walk.bytes);
      if (rows < walk.rowsLeft()) {
        break;
      }
    }
    return sum;
  }

  private int rowsLeft() {
    return (box.height() - y + DOWN[pass] - 1) / DOWN[pass];
  }

  private int bytes(int pixels) {
    return (int) (((long) pixels * bits + 7) / 8);
  }

  /** Whether there is no further row. */
  boolean done() {
    return pass >= end;
  }

  /** Goes on to the next row. */
  void next() {
    y += DOWN[pass];
    if (y >= box.height()) {
      enter(pass + 1);
    }
  }

  /** Whether the row has none above it. */
  boolean first() {
    return y == TOP[pass];
  }

  /** Pixels in the row. */
  int columns() {
    return columns;
  }

  /** Bytes of the row, without its filter's number. */
  int bytes() {
    return bytes;
  }

  /** Where the row lies in the image. */
  int y() {
    return y;
  }

  /** Where its first pixel lies. */
  int left() {
    return LEFT[pass];
  }

  /** From one pixel to the next. */
  int step() {
    return RIGHT[pass];
  }
}
