package io.github.blip2j.internal.image.tiff;

/**
 * CIE L*a*b* of 8 bits under D50 to sRGB, as Pillow shows it: its colour management looks colours
 * up in {@link LabTable} and interpolates within one of the six tetrahedra that a cell falls into.
 */
final class LabColors {
  private static final int STEP_BITS = 12;

  private LabColors() {}

  /** Lightness 0 to 255, axes with 128 as their middle; 0xRRGGBB. Only low bytes are looked at. */
  static int rgb(int lightness, int first, int second) {
    int l = position(lightness);
    int a = position(first);
    int b = position(second);
    int at =
        LabTable.L_STEP * (l >> 16) + LabTable.A_STEP * (a >> 16) + LabTable.B_STEP * (b >> 16);
    return between(at, way(l, LabTable.L_STEP), way(a, LabTable.A_STEP), way(b, LabTable.B_STEP));
  }

  /** Where a level lies along a side of the table, in 65536ths of a cell. */
  private static int position(int level) {
    int scaled = (level & 0xff) * 257 * LabTable.CELLS;
    return scaled + (scaled + 0x7fff) / 0xffff;
  }

  /** How far into its cell a position is, above the step to the next node, so that ways sort. */
  private static int way(int position, int step) {
    int part = position & 0xffff;
    return part == 0 ? 0 : part << STEP_BITS | step;
  }

  /** Goes from a node to the opposite one of its cell, the longest way first. */
  private static int between(int at, int l, int a, int b) {
    int longest = Math.max(l, Math.max(a, b));
    int shortest = Math.min(l, Math.min(a, b));
    int middle = l ^ a ^ b ^ longest ^ shortest;
    int one = at + step(longest);
    int two = one + step(middle);
    int three = two + step(shortest);
    char[] levels = LabTable.levels();
    int rgb = 0;
    for (int i = 0; i < 3; i++) {
      int sum = (levels[one + i] - levels[at + i]) * (longest >> STEP_BITS);
      sum += (levels[two + i] - levels[one + i]) * (middle >> STEP_BITS);
      sum += (levels[three + i] - levels[two + i]) * (shortest >> STEP_BITS) + 0x8001;
      int level = levels[at + i] + (sum + (sum >> 16) >> 16) & 0xffff;
      rgb = rgb << 8 | level * 65281 + (1 << 23) >>> 24;
    }
    return rgb;
  }

  private static int step(int way) {
    return way & (1 << STEP_BITS) - 1;
  }
}
