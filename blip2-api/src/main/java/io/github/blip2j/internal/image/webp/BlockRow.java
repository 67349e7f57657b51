package io.github.blip2j.internal.image.webp;

/** One row of macroblocks: what the bit stream says of them, and then their pixels. */
final class BlockRow {
  final Macroblock[] blocks;
  final ColorRows.Planes planes;

  /** Which row of the frame it is. */
  int row;

  BlockRow(int columns) {
    blocks = new Macroblock[columns];
    for (int i = 0; i < columns; i++) {
      blocks[i] = new Macroblock();
    }
    planes = ColorRows.Planes.of(columns, 1, 16 * columns);
  }
}
