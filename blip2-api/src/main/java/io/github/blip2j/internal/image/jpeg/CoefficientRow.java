package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import java.util.Arrays;

/**
 * The coefficients of one component in one row of MCUs, not yet multiplied by their quantisation
 * table. Blocks lie in {@code v} rows of {@link #wide} each, those that only fill the last MCU
 * included.
 *
 * <p>A block's mask has bit k set when its coefficient k, in zigzag order, may differ from 0; for a
 * progressive scan to rely on it, the coefficient does.
 */
final class CoefficientRow {
  /** Coefficients in a block. */
  static final int SIZE = 64;

  final int wide;
  final short[] values; // (v, wide, 64), each block in natural order
  final long[] masks; // (v, wide)

  CoefficientRow(int wide, int v) {
    this.wide = wide;
    this.values = new short[wide * v * SIZE];
    this.masks = new long[wide * v];
  }

  /** A row for each component of a frame. */
  static CoefficientRow[] of(JpegFrame frame) {
    CoefficientRow[] rows = new CoefficientRow[frame.components().size()];
    for (int i = 0; i < rows.length; i++) {
      Component component = frame.components().get(i);
      rows[i] = new CoefficientRow(frame.mcusWide() * component.h(), component.v());
    }
    return rows;
  }

  int get(int block, int k) {
    return values[block * SIZE + Zigzag.NATURAL[k]];
  }

  /** Stores a coefficient, of which 16 bits are kept, and keeps the mask exact. */
  void set(int block, int k, int value) {
    short stored = (short) value;
    values[block * SIZE + Zigzag.NATURAL[k]] = stored;
    long bit = Zigzag.bit(k);
    masks[block] = stored == 0 ? masks[block] & ~bit : masks[block] | bit;
  }

  /** Takes over another row of the same component. */
  void copy(CoefficientRow other) {
    System.arraycopy(other.values, 0, values, 0, values.length);
    System.arraycopy(other.masks, 0, masks, 0, masks.length);
  }

  void clear() {
    Arrays.fill(values, (short) 0);
    Arrays.fill(masks, 0);
  }
}
