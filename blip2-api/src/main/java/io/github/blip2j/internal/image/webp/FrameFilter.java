package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.webp.EdgeLanes.Strength;
import io.github.blip2j.internal.image.webp.LoopFilter.Kind;

/**
 * Runs the loop filter over a row of macroblocks (RFC 6386, section 15.1): for each of them its
 * left edge, the edges between its columns of subblocks, its upper edge, and those between its
 * rows.
 */
final class FrameFilter {
  private final FilterSettings settings;
  private final Strength[] inner;
  private final Strength[] outer;
  private final LoopFilter luma;
  private final LoopFilter blue;
  private final LoopFilter red;
  private final int columns;

  FrameFilter(FilterSettings settings, ColorRows.Planes planes, int columns) {
    this.settings = settings;
    this.columns = columns;
    luma = new LoopFilter(planes.luma(), 16 * columns, 16);
    blue = new LoopFilter(planes.blue(), 8 * columns, 8);
    red = new LoopFilter(planes.red(), 8 * columns, 8);
    int count = settings.levels().length;
    inner = new Strength[count];
    outer = new Strength[count];
    for (int i = 0; i < count; i++) {
      int limit = 2 * settings.levels()[i] + settings.interiors()[i];
      int interior = settings.interiors()[i];
      int variance = settings.variances()[i];
      inner[i] = new Strength(limit, interior, variance);
      outer[i] = new Strength(limit + 4, interior, variance);
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
      Macroblock block = blocks[column];
      if (settings.levels()[setting(block)] > 0) {
        filter(luma, column, block, above);
        if (settings.kind() == FilterSettings.Kind.NORMAL) {
          filter(blue, column, block, above);
          filter(red, column, block, above);
        }
      }
    }
  }

  private static int setting(Macroblock block) {
    return 2 * block.segment + (block.subblocks ? 1 : 0);
  }

  private void filter(LoopFilter plane, int column, Macroblock block, boolean above) {
    boolean simple = settings.kind() == FilterSettings.Kind.SIMPLE;
    Kind edge = simple ? Kind.SIMPLE : Kind.OUTER;
    Kind subblockEdge = simple ? Kind.SIMPLE : Kind.INNER;
    boolean inside = block.subblocks || block.coded;
    int size = plane.size();
    int stride = size * columns;
    int at = size * stride + size * column;
    Strength strength = inner[setting(block)];
    Strength outside = outer[setting(block)];
    int end = inside ? size : 4;
    for (int x = column > 0 ? 0 : 4; x < end; x += 4) {
      plane.right(at + x, x == 0 ? outside : strength, x == 0 ? edge : subblockEdge);
    }
    for (int y = above ? 0 : 4; y < end; y += 4) {
      plane.below(at + y * stride, y == 0 ? outside : strength, y == 0 ? edge : subblockEdge);
    }
  }
}
