package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;

/**
 * The samples of one component in one row of MCUs, and the last row of samples above them, which
 * upsampling between two rows of MCUs needs.
 */
final class SampleRows {
  final byte[] samples; // (1 + 8 v, stride)
  private final int stride;
  private final Component component;
  private final JpegFrame frame;
  private final InverseDct dct;
  private int top; // which of the component's rows stands in row 1

  SampleRows(JpegFrame frame, Component component, int[] quantization) {
    this.frame = frame;
    this.component = component;
    this.stride = frame.mcusWide() * component.h() * JpegFrame.BLOCK;
    this.samples = new byte[(1 + JpegFrame.BLOCK * component.v()) * stride];
    this.dct = new InverseDct(quantization);
  }

  /** Replaces the row of MCUs by another one. */
  void transform(CoefficientRow row, int mcuRow) {
    int high = JpegFrame.BLOCK * component.v();
    System.arraycopy(samples, high * stride, samples, 0, stride);
    top = mcuRow * high;
    for (int y = 0; y < frame.blockRows(component, mcuRow); y++) {
      blocks(row, y);
    }
  }

  /** Replaces the last blocks only: the next row of MCUs will need no more of this one. */
  void transformEnd(CoefficientRow row, int mcuRow) {
    blocks(row, frame.blockRows(component, mcuRow) - 1);
  }

  private void blocks(CoefficientRow row, int y) {
    int to = (1 + JpegFrame.BLOCK * y) * stride;
    int wide = frame.blocksWide(component);
    for (int x = 0; x < wide; x++, to += JpegFrame.BLOCK) {
      int block = y * row.wide + x;
      int from = block * CoefficientRow.SIZE;
      dct.transform(row.values, from, row.masks[block], samples, to, stride);
    }
  }

  /**
   * Where a row of the component begins.
   *
   * @param y from the row above the current MCUs to their last one
   */
  int row(int y) {
    return (y - top + 1) * stride;
  }
}
