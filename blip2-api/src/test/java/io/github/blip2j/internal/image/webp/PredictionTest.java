package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Predicted pixels against RFC 6386, section 12, whose figures are written down here: the
 * neighbours P A to H above and I to L to the left that each pixel is a mean of.
 */
class PredictionTest {
  private static final int STRIDE = WorkBlock.STRIDE;
  private static final int AT = WorkBlock.LUMA;
  private static final int ROUNDS = 200;
  private static final String ABOVE = "PABCDEFGH";
  private static final String LEFT = "IJKL";

  private final byte[] pixels = new byte[AT + 18 * STRIDE];

  @BeforeEach
  void fill() {
    new SplittableRandom(12).nextBytes(pixels);
  }

  /** Levels whose sums, differences and roundings go furthest. */
  private void extremes(int seed) {
    byte[] levels = {0, 1, 2, 127, -128, -3, -2, -1};
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = levels[random.nextInt(levels.length)];
    }
  }

  private int level(int x, int y) {
    return pixels[AT + y * STRIDE + x] & 0xff;
  }

  private int neighbour(char name) {
    int above = ABOVE.indexOf(name);
    return above >= 0 ? level(above - 1, -1) : level(-1, LEFT.indexOf(name));
  }

  /** The rounded mean of two, or of three with the middle one twice. */
  private int mean(String names) {
    int first = neighbour(names.charAt(0));
    int last = neighbour(names.charAt(names.length() - 1));
    return names.length() == 2
        ? (first + last + 1) / 2
        : (first + 2 * neighbour(names.charAt(1)) + last + 2) / 4;
  }

  private void check(int size, IntBinaryOperator expected, Runnable prediction) {
    byte[] all = pixels.clone();
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        all[AT + y * STRIDE + x] = (byte) expected.applyAsInt(x, y);
      }
    }
    prediction.run();
    assertThat(pixels).isEqualTo(all);
  }

  @ParameterizedTest
  @CsvSource({
    "2, PAB ABC BCD CDE  PAB ABC BCD CDE  PAB ABC BCD CDE  PAB ABC BCD CDE",
    "3, PIJ PIJ PIJ PIJ  IJK IJK IJK IJK  JKL JKL JKL JKL  KLL KLL KLL KLL",
    "4, IPA PAB ABC BCD  JIP IPA PAB ABC  KJI JIP IPA PAB  LKJ KJI JIP IPA",
    "5, PA AB BC CD      IPA PAB ABC BCD  JIP PA AB BC     KJI IPA PAB ABC",
    "6, ABC BCD CDE DEF  BCD CDE DEF EFG  CDE DEF EFG FGH  DEF EFG FGH GHH",
    "7, AB BC CD DE      ABC BCD CDE DEF  BC CD DE EFG     BCD CDE DEF FGH",
    "8, IP IPA PAB ABC   JI JIP IP IPA    KJ KJI JI JIP    LK LKJ KJ KJI",
    "9, IJ IJK JK JKL    JK JKL KL KLL    KL KLL LL LL     LL LL LL LL"
  })
  void slantedModesAreMeansOfTheNeighboursInTheFigure(int mode, String figure) {
    String[] cells = figure.split(" +");
    assertThat(cells).hasSize(16);
    for (int round = 0; round < ROUNDS; round++) {
      if (round > 0) {
        extremes(round);
      }
      check(
          4, (x, y) -> mean(cells[4 * y + x]), () -> SubblockPrediction.predict(pixels, AT, mode));
    }
  }

  @Test
  void theMeanOfASubblockIsThatOfEightNeighbours() {
    int sum = 0;
    for (char name : "ABCDIJKL".toCharArray()) {
      sum += neighbour(name);
    }
    int mean = (sum + 4) / 8;
    check(4, (x, y) -> mean, () -> SubblockPrediction.predict(pixels, AT, SubblockPrediction.DC));
  }

  /** As many of 0 as of 255 do not run over from one pixel's lane to the next one's. */
  @ParameterizedTest
  @CsvSource({"4", "8", "16"})
  void trueMotionAndMeansOfExtremesAreThoseOfEachPixel(int size) {
    for (int round = 1; round < ROUNDS; round++) {
      extremes(round);
      check(
          size,
          (x, y) -> Math.max(0, Math.min(255, level(-1, y) + level(x, -1) - level(-1, -1))),
          () -> predict(size, SubblockPrediction.TRUE_MOTION));
      int sum = size;
      for (int i = 0; i < size; i++) {
        sum += level(-1, i) + level(i, -1);
      }
      int mean = sum / (2 * size);
      check(size, (x, y) -> mean, () -> predict(size, SubblockPrediction.DC));
    }
  }

  private void predict(int size, int mode) {
    if (size == 4) {
      SubblockPrediction.predict(pixels, AT, mode);
    } else {
      BlockPrediction.predict(pixels, AT, size, mode, true, true);
    }
  }

  @ParameterizedTest
  @CsvSource({"4", "8", "16"})
  void trueMotionIsLeftAndAboveWithoutTheCorner(int size) {
    check(
        size,
        (x, y) -> Math.max(0, Math.min(255, level(-1, y) + level(x, -1) - level(-1, -1))),
        () -> {
          if (size == 4) {
            SubblockPrediction.predict(pixels, AT, SubblockPrediction.TRUE_MOTION);
          } else {
            BlockPrediction.predict(pixels, AT, size, SubblockPrediction.TRUE_MOTION, true, true);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"8", "16"})
  void wholeBlocksRepeatTheRowAboveOrTheColumnToTheLeft(int size) {
    check(
        size,
        (x, y) -> level(x, -1),
        () -> BlockPrediction.predict(pixels, AT, size, SubblockPrediction.VERTICAL, true, true));
    fill();
    check(
        size,
        (x, y) -> level(-1, y),
        () -> BlockPrediction.predict(pixels, AT, size, SubblockPrediction.HORIZONTAL, true, true));
  }

  /** What lies outside the frame does not count; with neither side it is 128. */
  @ParameterizedTest
  @CsvSource({"8,true,true", "8,true,false", "16,false,true", "16,true,true", "16,false,false"})
  void theMeanOfAWholeBlockIsOfWhatIsInTheFrame(int size, boolean left, boolean above) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < size; i++) {
      sum += (left ? level(-1, i) : 0) + (above ? level(i, -1) : 0);
      count += (left ? 1 : 0) + (above ? 1 : 0);
    }
    int mean = count == 0 ? 128 : (int) Math.floor(sum / count + 0.5);
    check(
        size,
        (x, y) -> mean,
        () -> BlockPrediction.predict(pixels, AT, size, SubblockPrediction.DC, left, above));
  }

  @Test
  void predictionsStayInTheirBlock() {
    byte[] before = pixels.clone();
    for (int mode = 0; mode < SubblockPrediction.MODES; mode++) {
      SubblockPrediction.predict(pixels, AT, mode);
    }
    for (int y = 0; y < 4; y++) {
      int row = AT + y * STRIDE;
      Arrays.fill(pixels, row, row + 4, (byte) 0);
      Arrays.fill(before, row, row + 4, (byte) 0);
    }
    assertThat(pixels).isEqualTo(before);
  }
}
