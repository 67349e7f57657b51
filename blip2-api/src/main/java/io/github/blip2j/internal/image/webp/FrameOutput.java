package io.github.blip2j.internal.image.webp;

/**
 * Filters rows of macroblocks and makes colours of them. Of the frame only two rows are kept, the
 * current one and the one above, whose last pixels the loop filter may still change. What is final
 * is converted and written at once. For one frame and one thread at a time.
 */
final class FrameOutput {
  private static final int SIZE = 16; // of a macroblock
  private static final int HALF = 8; // of its chromas

  /** Rows at the end of a row of macroblocks that wait for the next one: 3 of chroma, doubled. */
  private static final int WAITING = 8;

  private final int height;
  private final int rows;
  private final int stride;
  private final FrameTarget target;
  private final ColorRows.Planes planes;
  private final FrameFilter filter;
  private final ColorRows colors;
  private int written; // rows that have been converted

  FrameOutput(EncodedFrame frame, FilterSettings settings, FrameTarget target) {
    height = frame.height();
    rows = (height + SIZE - 1) / SIZE;
    int columns = (frame.width() + SIZE - 1) / SIZE;
    stride = SIZE * columns;
    this.target = target;
    planes = ColorRows.Planes.of(columns, 2, frame.width());
    filter = new FrameFilter(settings, planes, columns);
    colors = new ColorRows(planes);
  }

  /** Adds the next row. */
  void add(BlockRow blocks) {
    below(blocks.planes.luma(), planes.luma());
    below(blocks.planes.blue(), planes.blue());
    below(blocks.planes.red(), planes.red());
    filter.filterRow(blocks.blocks, blocks.row > 0);
    writeRows(blocks.row);
  }

  /** Moves a plane's second row up and puts another one below it. */
  private static void below(byte[] row, byte[] plane) {
    System.arraycopy(plane, row.length, plane, 0, row.length);
    System.arraycopy(row, 0, plane, row.length, row.length);
  }

  /** Converts the rows that nothing will change any more; two rows share two rows of chroma. */
  private void writeRows(int row) {
    boolean last = row == rows - 1;
    int end = last ? height : SIZE * (row + 1) - WAITING;
    if (row == 0) {
      chroma(row, 0);
      chroma(row, 0); // for want of one above
      write(row);
    }
    while (written + 1 < end) {
      chroma(row, written / 2 + 1);
      write(row);
      colors.turn();
      write(row);
      colors.turn();
    }
    if (last && written < height) {
      chroma(row, written / 2);
      write(row);
    }
  }

  private void chroma(int row, int y) {
    colors.chroma((y - HALF * (row - 1)) * (stride / 2));
  }

  private void write(int row) {
    colors.convert((written - SIZE * (row - 1)) * stride, target.rgb(), target.row(written));
    written++;
  }
}
