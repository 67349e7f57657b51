package io.github.blip2j.internal.image.webp;

import java.io.IOException;

/**
 * Decodes a VP8 key frame (RFC 6386). Macroblocks are decoded row by row; of the frame only two
 * rows of macroblocks are kept, the current one and the one above, whose last pixels the loop
 * filter may still change. What is final is converted and written at once. For one frame, used
 * once.
 */
final class LossyDecoder {
  private static final int SIZE = 16; // of a macroblock
  private static final int HALF = 8; // of its chromas

  /** Rows at the end of a row of macroblocks that wait for the next one: 3 of chroma, doubled. */
  private static final int WAITING = 8;

  private final int height;
  private final int columns;
  private final int rows;
  private final FrameTarget target;
  private final FrameHeader header;
  private final ModeParser modes;
  private final CoefficientParser coefficients;
  private final Macroblock block = new Macroblock();
  private final WorkBlock work;
  private final FrameFilter filter;
  private final ColorRows.Planes planes;
  private final int stride;
  private int written; // rows that have been converted

  LossyDecoder(EncodedFrame frame, FrameTarget target) throws IOException {
    height = frame.height();
    columns = (frame.width() + SIZE - 1) / SIZE;
    rows = (height + SIZE - 1) / SIZE;
    this.target = target;
    header = FrameHeader.read(frame.image());
    modes = new ModeParser(header, columns);
    coefficients = new CoefficientParser(header, columns);
    work = new WorkBlock(columns);
    stride = SIZE * columns;
    planes =
        new ColorRows.Planes(
            new byte[2 * SIZE * stride],
            new byte[SIZE * stride / 2],
            new byte[SIZE * stride / 2],
            frame.width());
    filter = new FrameFilter(header.filter(), planes, columns);
  }

  /** Decodes the frame into its target. */
  void decode() throws IOException {
    for (int row = 0; row < rows; row++) {
      decodeRow(row);
      filter.filterRow(row > 0);
      writeRows(row);
      moveUp(planes.luma());
      moveUp(planes.blue());
      moveUp(planes.red());
    }
  }

  private void decodeRow(int row) throws IOException {
    BoolDecoder tokens = header.tokens()[row & header.tokens().length - 1];
    modes.startRow();
    coefficients.startRow();
    work.startRow(row);
    for (int column = 0; column < columns; column++) {
      modes.parse(column, block);
      boolean any = coefficients.parse(tokens, column, block);
      work.reconstruct(column, block);
      work.copy(WorkBlock.LUMA, SIZE, planes.luma(), SIZE * stride + SIZE * column, stride);
      int chroma = HALF * stride / 2 + HALF * column;
      work.copy(WorkBlock.BLUE, HALF, planes.blue(), chroma, stride / 2);
      work.copy(WorkBlock.RED, HALF, planes.red(), chroma, stride / 2);
      filter.remember(column, block, any);
      if (tokens.damaged()) {
        throw new IOException("VP8: expected coefficients of row " + row + ", found damage");
      }
    }
    if (header.modes().damaged()) {
      throw new IOException("VP8: expected modes of row " + row + ", found damage");
    }
  }

  /** Converts the rows that nothing will change any more; two rows share two rows of chroma. */
  private void writeRows(int row) {
    boolean last = row == rows - 1;
    int end = last ? height : SIZE * (row + 1) - WAITING;
    if (row == 0) {
      write(row, 0, 0);
    }
    while (written + 1 < end) {
      int chroma = written >> 1;
      write(row, chroma, chroma + 1);
      write(row, chroma + 1, chroma);
    }
    if (last && written < height) {
      write(row, written >> 1, written >> 1);
    }
  }

  private void write(int row, int near, int far) {
    int luma = (written - SIZE * (row - 1)) * stride;
    int above = HALF * (row - 1);
    ColorRows.convert(
        planes,
        luma,
        (near - above) * (stride / 2),
        (far - above) * (stride / 2),
        target.rgb(),
        target.row(written));
    written++;
  }

  private static void moveUp(byte[] plane) {
    int half = plane.length / 2;
    System.arraycopy(plane, half, plane, 0, half);
  }
}
