package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.generation.GenerationOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final int DRAWS = 100_000;

  private static float[] logits() {
    float[] logits = new float[40];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (3 * Math.sin(i * 1.7) - 0.02 * i);
    }
    return logits;
  }

  /**
   * Pearson's statistic of draws against probabilities; classes of fewer than five expected draws
   * are put together. Given with its degrees of freedom.
   */
  private static double[] chiSquared(int[] counts, float[] probabilities) {
    double statistic = 0;
    int classes = 0;
    double restExpected = 0;
    double restCount = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = (double) DRAWS * probabilities[i];
      if (expected < 5) {
        restExpected += expected;
        restCount += counts[i];
      } else {
        statistic += Math.pow(counts[i] - expected, 2) / expected;
        classes++;
      }
    }
    if (restExpected > 0) {
      statistic += Math.pow(restCount - restExpected, 2) / restExpected;
      classes++;
    }
    return new double[] {statistic, classes - 1};
  }

  /** The 99.9 % quantile of the chi-squared distribution (Wilson and Hilferty 1931). */
  private static double bound(double degrees) {
    double a = 2 / (9 * degrees);
    return degrees * Math.pow(1 - a + 3.0902 * Math.sqrt(a), 3);
  }

  private static void check(GenerationOptions options) {
    float[] scores = logits();
    Sequence sequence = new Sequence(new Prompt(new float[0], new int[] {0}, options));
    Warpers.of(options, 1).forEach(w -> w.process(sequence, scores));
    float[] probabilities = new Softmax().of(scores).probabilities();
    RandomNumbers random = new RandomNumbers(options.seed().orElseThrow(), 0);
    int[] counts = new int[scores.length];
    for (int i = 0; i < DRAWS; i++) {
      counts[random.draw(scores)]++;
    }
    for (int i = 0; i < counts.length; i++) {
      if (scores[i] == Float.NEGATIVE_INFINITY) {
        assertThat(counts[i]).isZero();
      }
    }
    double[] found = chiSquared(counts, probabilities);
    assertThat(found[0]).isLessThan(bound(found[1]));
  }

  @Test
  void drawsFollowTheProcessedProbabilities() {
    check(GenerationOptions.builder().doSample(true).topK(0).seed(1).build());
    check(GenerationOptions.builder().doSample(true).topK(7).seed(2).build());
    check(
        GenerationOptions.builder()
            .doSample(true)
            .topK(0)
            .topP(0.8)
            .temperature(1.5)
            .seed(3)
            .build());
    check(GenerationOptions.builder().doSample(true).topK(0).minP(0.05).seed(4).build());
    check(GenerationOptions.builder().doSample(true).topK(0).typicalP(0.7).seed(5).build());
  }

  @Test
  void theTestCanFail() {
    float[] probabilities = new Softmax().of(logits()).probabilities();
    int[] counts = new int[probabilities.length];
    RandomNumbers random = new RandomNumbers(1, 0);
    float[] other = logits();
    other[1] += 0.1f;
    for (int i = 0; i < DRAWS; i++) {
      counts[random.draw(other)]++;
    }
    double[] found = chiSquared(counts, probabilities);
    assertThat(found[0]).isGreaterThan(bound(found[1]));
  }

  /** The numbers that the class documentation promises. */
  @Test
  void theGeneratorIsSplitMix64() {
    RandomNumbers random = new RandomNumbers(1234567, 0);
    // First outputs of the reference implementation for this seed.
    for (long expected :
        new long[] {
          6457827717110365317L, 3203168211198807973L, Long.parseUnsignedLong("9817491932198370423")
        }) {
      assertThat(random.next()).isEqualTo((expected >>> 11) * 0x1p-53);
    }
    assertThat(new RandomNumbers(5, 1).next()).isNotEqualTo(new RandomNumbers(5, 0).next());
  }

  /**
   * Beam sampling draws without replacement: no candidate twice, the likeliest first most often.
   */
  @Test
  void gumbelsDrawWithoutReplacement() {
    float[] logits = {2, 1, 0};
    RandomNumbers random = new RandomNumbers(9, 0);
    int[] first = new int[3];
    for (int i = 0; i < DRAWS; i++) {
      TopCandidates top = new TopCandidates(2);
      for (int token = 0; token < 3; token++) {
        top.offer(logits[token] + random.gumbel(), 0, token, logits[token]);
      }
      int[] drawn = new int[2];
      int[] at = {0};
      top.bestFirst((beam, token, score) -> drawn[at[0]++] = token);
      assertThat(drawn[0]).isNotEqualTo(drawn[1]);
      first[drawn[0]]++;
    }
    double[] found = chiSquared(first, new Softmax().of(logits).probabilities());
    assertThat(found[0]).isLessThan(bound(found[1]));
    assertThat(List.of(first[0] > first[1], first[1] > first[2])).containsOnly(true);
  }
}
