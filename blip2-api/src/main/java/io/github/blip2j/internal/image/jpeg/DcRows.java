package io.github.blip2j.internal.image.jpeg;

/**
 * The DC coefficients of a component in the whole image, those of blocks that only fill the last
 * MCUs included.
 */
final class DcRows {
  private final int wide;
  private final int v;
  private final short[] values;

  DcRows(int wide, int v, int mcuRows) {
    this.wide = wide;
    this.v = v;
    this.values = new short[wide * v * mcuRows];
  }

  /** Keeps those of a row of MCUs. */
  void keep(CoefficientRow row, int mcuRow) {
    int first = mcuRow * v * wide;
    for (int block = 0; block < v * wide; block++) {
      values[first + block] = row.values[block * CoefficientRow.SIZE];
    }
  }

  int get(int row, int column) {
    return values[row * wide + column];
  }
}
