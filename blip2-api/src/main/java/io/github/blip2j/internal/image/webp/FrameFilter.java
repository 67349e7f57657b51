package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.webp.EdgeLanes.Strength;
import io.github.blip2j.internal.image.webp.LoopFilter.Limits;

/**
 * Runs the loop filter over a row of macroblocks (RFC 6386, section 15.1): for each of them its
 * left edge, the edges between its columns of subblocks, its upper edge, and those between its
 * rows.
 */
final class FrameFilter {
  private final FilterSettings settings;
  private final Limits[] limits;
  private final LoopFilter[] planes; // luma, and with the normal filter both chromas
  private final int columns;

  FrameFilter(FilterSettings settings, ColorRows.Planes planes, int columns) {
    this.settings = settings;
    this.columns = columns;
    LoopFilter luma = new LoopFilter(planes.luma(), 16 * columns, 16);
    LoopFilter blue = new LoopFilter(planes.blue(), 8 * columns, 8);
    LoopFilter red = new LoopFilter(planes.red(), 8 * columns, 8);
    boolean simple = settings.kind() == FilterSettings.Kind.SIMPLE;
    this.planes = simple ? new LoopFilter[] {luma} : new LoopFilter[] {luma, blue, red};
    int count = settings.levels().length;
    limits = new Limits[count];
    for (int i = 0; i < count; i++) {
      int limit = 2 * settings.levels()[i] + settings.interiors()[i];
      int interior = settings.interiors()[i];
      int variance = settings.variances()[i];
      Strength outer = new Strength(limit + 4, interior, variance);
      limits[i] = new Limits(simple, outer, new Strength(limit, interior, variance));
    }
  }

  /**
   * Filters a row, which is the second in the planes.
   *
   * @param blocks the row's macroblocks
   * @param above whether there is a row above
   */
  void filterRow(Macroblock[] blocks, boolean above) {
    if (settings.kind() == FilterSettings.Kind.NONE) {
      return;
    }
    for (int column = 0; column < columns; column++) {
      if (settings.levels()[setting(blocks[column])] > 0) {
        filter(column, blocks[column], above);
      }
    }
  }

  private static int setting(Macroblock block) {
    return 2 * block.segment + (block.subblocks ? 1 : 0);
  }

  private void filter(int column, Macroblock block, boolean above) {
    Limits limit = limits[setting(block)];
    boolean inside = block.subblocks || block.coded;
    for (LoopFilter plane : planes) {
      int size = plane.size();
      int at = size * size * columns + size * column;
      int end = inside ? size : 4;
      plane.columns(at, column > 0 ? 0 : 4, end, limit);
      plane.rows(at, above ? 0 : 4, end, limit);
    }
  }
}
