package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which edges of a frame are filtered: those of macroblocks, and within those that have any. */
class FrameFilterTest {
  private static final int COLUMNS = 3;
  private static final int LUMA = 16 * COLUMNS; // pixels in a row
  private static final int CHROMA = 8 * COLUMNS;
  private static final int LEVEL = 30;
  private static final int STEP = 12;

  private final SplittableRandom random = new SplittableRandom(1501);
  private final ColorRows.Planes planes = ColorRows.Planes.of(COLUMNS, 2, LUMA);
  private final Macroblock[] blocks = new Macroblock[COLUMNS];

  FrameFilterTest() {
    for (int i = 0; i < COLUMNS; i++) {
      blocks[i] = new Macroblock();
    }
    fill(planes.luma(), 16);
    fill(planes.blue(), 8);
    fill(planes.red(), 8);
  }

  /** Levels that are near to each other within macroblocks, and a step apart between them. */
  private void fill(byte[] plane, int size) {
    for (int i = 0; i < plane.length; i++) {
      int steps = i / (size * size * COLUMNS) + i % (size * COLUMNS) / size;
      plane[i] = (byte) (100 + STEP * steps + random.nextInt(8));
    }
  }

  private static FilterSettings settings(FilterSettings.Kind kind, int... levels) {
    int[] all = Arrays.copyOf(levels, 2 * Segments.COUNT);
    int[] interiors = new int[all.length];
    Arrays.fill(interiors, LEVEL);
    return new FilterSettings(kind, all, interiors, interiors); // nothing varies too much
  }

  private static int[] everywhere() {
    int[] levels = new int[2 * Segments.COUNT];
    Arrays.fill(levels, LEVEL);
    return levels;
  }

  private void filter(FilterSettings settings, boolean above) {
    new FrameFilter(settings, planes, COLUMNS).filterRow(blocks, above);
  }

  /** Columns in which a plane has changed, in the second row of macroblocks; one digit each. */
  private static String changed(byte[] before, byte[] after, int width) {
    StringBuilder columns = new StringBuilder();
    for (int x = 0; x < width; x++) {
      boolean changed = false;
      for (int i = before.length / 2 + x; i < before.length; i += width) {
        changed |= before[i] != after[i];
      }
      columns.append(changed ? 'x' : '.');
    }
    return columns.toString();
  }

  @Test
  void withoutAFilterNothingChanges() {
    byte[] before = planes.luma().clone();
    filter(settings(FilterSettings.Kind.NONE, everywhere()), true);
    filter(settings(FilterSettings.Kind.NORMAL), true); // all levels are 0
    assertThat(planes.luma()).isEqualTo(before);
  }

  /** Up to three pixels on either side of a macroblock's left edge; none at the frame's. */
  @Test
  void edgesOfMacroblocksAreFilteredInAllPlanes() {
    byte[] luma = planes.luma().clone();
    byte[] blue = planes.blue().clone();
    byte[] red = planes.red().clone();
    filter(settings(FilterSettings.Kind.NORMAL, everywhere()), false);
    String quiet = ".".repeat(10);
    assertThat(changed(luma, planes.luma(), LUMA))
        .isEqualTo("..." + quiet + "xxx" + "xxx" + quiet + "xxx" + "xxx" + quiet + "...");
    String edges = ".....xxx" + "xxx..xxx" + "xxx.....";
    assertThat(changed(blue, planes.blue(), CHROMA)).isEqualTo(edges);
    assertThat(changed(red, planes.red(), CHROMA)).isEqualTo(edges);
    byte[] upper = Arrays.copyOf(luma, luma.length / 2);
    assertThat(Arrays.copyOf(planes.luma(), luma.length / 2))
        .as("there is no row above")
        .isEqualTo(upper);
  }

  @ParameterizedTest
  @CsvSource({"true,false", "false,true", "true,true"})
  void edgesWithinAreThoseOfBlocksWithCoefficientsOrSubblocks(boolean coded, boolean subblocks) {
    byte[] luma = planes.luma().clone();
    blocks[1].coded = coded;
    blocks[1].subblocks = subblocks;
    filter(settings(FilterSettings.Kind.NORMAL, everywhere()), false);
    String found = changed(luma, planes.luma(), LUMA);
    assertThat(found.substring(16, 32)).as("two pixels beside each edge").doesNotContain(".");
    assertThat(found.substring(3, 13)).as("its neighbour").isEqualTo("..........");
  }

  @Test
  void theSimpleFilterLeavesChromaAlone() {
    byte[] luma = planes.luma().clone();
    byte[] blue = planes.blue().clone();
    filter(settings(FilterSettings.Kind.SIMPLE, everywhere()), true);
    assertThat(planes.luma()).isNotEqualTo(luma);
    assertThat(planes.blue()).isEqualTo(blue);
  }

  /** Three rows above the edge belong to the row of macroblocks before. */
  @Test
  void theEdgeBelowTheRowBeforeIsFilteredToo() {
    byte[] luma = planes.luma().clone();
    filter(settings(FilterSettings.Kind.NORMAL, everywhere()), true);
    for (int y = 0; y < 16; y++) {
      byte[] before = Arrays.copyOfRange(luma, y * LUMA, (y + 1) * LUMA);
      byte[] after = Arrays.copyOfRange(planes.luma(), y * LUMA, (y + 1) * LUMA);
      assertThat(Arrays.equals(before, after)).as("row %d", y).isEqualTo(y < 13);
    }
  }

  /** A segment's level counts, and another one for macroblocks in subblocks. */
  @Test
  void levelsAreThoseOfTheMacroblock() {
    int[] levels = new int[2 * Segments.COUNT];
    levels[2 * 1] = LEVEL; // of segment 1 without subblocks
    byte[] luma = planes.luma().clone();
    blocks[1].segment = 1;
    blocks[2].segment = 1;
    blocks[2].subblocks = true;
    filter(settings(FilterSettings.Kind.NORMAL, levels), false);
    String found = changed(luma, planes.luma(), LUMA);
    assertThat(found.substring(13, 19)).as("the edge in front of it").isEqualTo("xxxxxx");
    assertThat(found.substring(19)).as("that of the next one").doesNotContain("x");
  }
}
