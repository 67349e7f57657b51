package io.github.blip2j.internal.image.webp;

/**
 * Runs the loop filter over a row of macroblocks (RFC 6386, section 15.1): for each of them its
 * left edge, the edges between its columns of subblocks, its upper edge, and those between its
 * rows.
 */
final class FrameFilter {
  private final FilterSettings settings;
  private final LoopFilter.Strength[] inner;
  private final LoopFilter.Strength[] outer;
  private final ColorRows.Planes planes;
  private final int columns;
  private final int stride;
  private final byte[] setting; // of each macroblock of the row
  private final boolean[] subblocks; // whether edges inside it are filtered

  FrameFilter(FilterSettings settings, ColorRows.Planes planes, int columns) {
    this.settings = settings;
    this.planes = planes;
    this.columns = columns;
    stride = 16 * columns;
    setting = new byte[columns];
    subblocks = new boolean[columns];
    int count = settings.levels().length;
    inner = new LoopFilter.Strength[count];
    outer = new LoopFilter.Strength[count];
    for (int i = 0; i < count; i++) {
      int limit = 2 * settings.levels()[i] + settings.interiors()[i];
      int interior = settings.interiors()[i];
      int variance = settings.variances()[i];
      inner[i] = new LoopFilter.Strength(limit, interior, variance);
      outer[i] = new LoopFilter.Strength(limit + 4, interior, variance);
    }
  }

  /** Keeps what the filter needs to know about a macroblock of the current row. */
  void remember(int column, Macroblock block, boolean coefficients) {
    setting[column] = (byte) (2 * block.segment + (block.subblocks ? 1 : 0));
    subblocks[column] = block.subblocks || coefficients;
  }

  /**
   * Filters the current row, which is the second in the planes.
   *
   * @param above whether there is a row above
   */
  void filterRow(boolean above) {
    for (int column = 0; column < columns; column++) {
      if (settings.kind() == FilterSettings.Kind.NONE || settings.levels()[setting[column]] == 0) {
        continue;
      }
      if (settings.kind() == FilterSettings.Kind.SIMPLE) {
        simple(column, above);
      } else {
        normal(planes.luma(), 16, column, above);
        normal(planes.blue(), 8, column, above);
        normal(planes.red(), 8, column, above);
      }
    }
  }

  private void simple(int column, boolean above) {
    byte[] pixels = planes.luma();
    int at = 16 * stride + 16 * column;
    int innerLimit = inner[setting[column]].limit();
    int outerLimit = outer[setting[column]].limit();
    if (column > 0) {
      LoopFilter.simple(pixels, at, 1, stride, outerLimit);
    }
    for (int x = 4; subblocks[column] && x < 16; x += 4) {
      LoopFilter.simple(pixels, at + x, 1, stride, innerLimit);
    }
    if (above) {
      LoopFilter.simple(pixels, at, stride, 1, outerLimit);
    }
    for (int y = 4; subblocks[column] && y < 16; y += 4) {
      LoopFilter.simple(pixels, at + y * stride, stride, 1, innerLimit);
    }
  }

  private void normal(byte[] pixels, int size, int column, boolean above) {
    int row = size * columns;
    int at = size * row + size * column;
    LoopFilter.Strength inside = inner[setting[column]];
    LoopFilter.Strength outside = outer[setting[column]];
    if (column > 0) {
      LoopFilter.normal(pixels, at, 1, row, size, outside, true);
    }
    for (int x = 4; subblocks[column] && x < size; x += 4) {
      LoopFilter.normal(pixels, at + x, 1, row, size, inside, false);
    }
    if (above) {
      LoopFilter.normal(pixels, at, row, 1, size, outside, true);
    }
    for (int y = 4; subblocks[column] && y < size; y += 4) {
      LoopFilter.normal(pixels, at + y * row, row, 1, size, inside, false);
    }
  }
}
