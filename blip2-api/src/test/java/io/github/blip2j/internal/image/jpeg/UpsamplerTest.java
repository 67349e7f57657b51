package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.internal.image.jpeg.JpegColors.Space;
import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Components brought to the image's size, sample by sample, and their colours. */
class UpsamplerTest {
  private static final int[] FLAT = new int[CoefficientRow.SIZE];

  private final SplittableRandom random = new SplittableRandom(22);

  /** A frame of one row of MCUs: luma of the given sampling, and one chroma of 1x1. */
  private static JpegFrame frame(int width, int height, int h, int v) {
    return JpegFrame.of(
        JpegFrame.Coding.BASELINE,
        width,
        height,
        List.of(new Component(1, h, v, 0), new Component(2, 1, 1, 0)));
  }

  private SampleRows samples(JpegFrame frame, Component component) {
    SampleRows rows = new SampleRows(frame, component, FLAT);
    random.nextBytes(rows.samples);
    return rows;
  }

  /** jdsample.c's filters, by their weights; beyond an edge its own sample is repeated. */
  private static int expected(SampleRows rows, int[] size, int across, int down, int x, int y) {
    boolean wider = across == 2 && down <= 2 && size[0] > 2;
    boolean higher = down == 2 && (across == 1 || wider);
    int column = x / across;
    int row = y / down;
    int sideways = Math.max(0, Math.min(size[0] - 1, x % 2 == 0 ? column - 1 : column + 1));
    int upwards = Math.max(0, Math.min(size[1] - 1, y % 2 == 0 ? row - 1 : row + 1));
    int near = level(rows, column, row);
    if (wider && higher) {
      int sum = 9 * near + 3 * level(rows, column, upwards);
      sum += 3 * level(rows, sideways, row) + level(rows, sideways, upwards);
      return sum + (x % 2 == 0 ? 8 : 7) >> 4;
    }
    if (wider) {
      boolean edge = sideways == column; // 4 of 4 parts
      return edge ? near : 3 * near + level(rows, sideways, row) + (x % 2 == 0 ? 1 : 2) >> 2;
    }
    return higher ? 3 * near + level(rows, column, upwards) + (y % 2 == 0 ? 1 : 2) >> 2 : near;
  }

  private static int level(SampleRows rows, int x, int y) {
    return rows.samples[rows.row(y) + x] & 0xff;
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,9,7", "2,1,16,8", "2,1,15,3", "2,1,5,8", "2,1,4,8", "2,1,1,1", "1,2,9,16", "1,2,1,3",
    "2,2,16,16", "2,2,7,5", "2,2,5,1", "2,2,3,16", "4,1,13,8", "4,2,20,11", "1,4,5,27", "3,1,10,8"
  })
  void samplesAreThoseOfTheTriangleFilter(int across, int down, int width, int height) {
    JpegFrame frame = frame(width, height, across, down);
    Component chroma = frame.components().get(1);
    SampleRows rows = samples(frame, chroma);
    Upsampler upsampler = new Upsampler(frame, chroma, rows);
    int[] size = {frame.samplesWide(chroma), frame.samplesHigh(chroma)};
    for (int y = 0; y < height; y++) {
      upsampler.select(y);
      for (int x = 0; x < width; x++) {
        assertThat(upsampler.samples[upsampler.offset + x] & 0xff)
            .as("sample %d, %d", x, y)
            .isEqualTo(expected(rows, size, across, down, x, y));
      }
    }
    boolean below = down == 2 && (across == 1 || across == 2 && size[0] > 2);
    assertThat(upsampler.looksBelow()).isEqualTo(below);
  }

  /** Rows of the image's own size, one level each. */
  private static Upsampler[] levels(int... levels) {
    Upsampler[] rows = new Upsampler[levels.length];
    JpegFrame frame = frame(8, 8, 1, 1);
    for (int i = 0; i < levels.length; i++) {
      SampleRows samples = new SampleRows(frame, frame.components().get(1), FLAT);
      Arrays.fill(samples.samples, (byte) levels[i]);
      rows[i] = new Upsampler(frame, frame.components().get(1), samples);
      rows[i].select(0);
    }
    return rows;
  }

  private static int[] converted(Space space, int... levels) {
    byte[] rgb = new byte[9];
    Arrays.fill(rgb, (byte) 77);
    JpegColors.convert(space, levels(levels), 1, rgb, 3);
    assertThat(new byte[] {rgb[2], rgb[6]}).as("around it").containsExactly(77, 77);
    return new int[] {rgb[3] & 0xff, rgb[4] & 0xff, rgb[5] & 0xff};
  }

  @ParameterizedTest
  @CsvSource({"0,128,128", "255,128,128", "128,0,0", "128,255,255", "76,85,255", "29,255,107"})
  void coloursAreThoseOfJfif(int luma, int blue, int red) {
    int[] expected = {
      rounded(luma + 1.402 * (red - 128)),
      rounded(luma - 0.344136 * (blue - 128) - 0.714136 * (red - 128)),
      rounded(luma + 1.772 * (blue - 128))
    };
    int[] found = converted(Space.YCC, luma, blue, red);
    for (int i = 0; i < 3; i++) {
      assertThat(found[i]).isBetween(expected[i] - 1, expected[i] + 1);
    }
  }

  private static int rounded(double value) {
    return (int) Math.max(0, Math.min(255, Math.round(value)));
  }

  @Test
  void greyAndRedGreenBlueAreCopied() {
    assertThat(converted(Space.GRAY, 99)).containsExactly(99, 99, 99);
    assertThat(converted(Space.RGB, 1, 2, 3)).containsExactly(1, 2, 3);
  }

  /** As Adobe writes inks 255 is none of it, and black darkens all three. */
  @Test
  void inksAreInverted() {
    assertThat(converted(Space.CMYK, 255, 255, 255, 255)).containsExactly(255, 255, 255);
    assertThat(converted(Space.CMYK, 255, 255, 255, 0)).containsExactly(0, 0, 0);
    assertThat(converted(Space.CMYK, 0, 255, 255, 255)).containsExactly(0, 255, 255);
    assertThat(converted(Space.YCCK, 0, 128, 128, 255)).containsExactly(255, 255, 255);
    assertThat(converted(Space.YCCK, 255, 128, 128, 255)).containsExactly(0, 0, 0);
  }

  @Test
  void theMeaningOfComponentsIsGuessedAsLibjpegDoes() {
    assertThat(space(1, "a")).isEqualTo(Space.GRAY);
    assertThat(space(-1, "abc")).isEqualTo(Space.YCC);
    assertThat(space(-1, "RGB")).isEqualTo(Space.RGB);
    assertThat(space(1, "RGB")).isEqualTo(Space.YCC);
    assertThat(space(0, "abc")).isEqualTo(Space.RGB);
    assertThat(JpegColors.Space.of(named("RGB"), true, 0)).as("JFIF").isEqualTo(Space.YCC);
    assertThat(space(-1, "abcd")).isEqualTo(Space.CMYK);
    assertThat(space(0, "abcd")).isEqualTo(Space.CMYK);
    assertThat(space(2, "abcd")).isEqualTo(Space.YCCK);
  }

  private static Space space(int adobe, String names) {
    return Space.of(named(names), false, adobe);
  }

  private static JpegFrame named(String names) {
    List<Component> components = names.chars().mapToObj(id -> new Component(id, 1, 1, 0)).toList();
    return JpegFrame.of(JpegFrame.Coding.BASELINE, 8, 8, components);
  }
}
