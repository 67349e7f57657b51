package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.generation.GenerationOptions;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens may still be drawn, by the definitions over a sorted vocabulary. */
class WarpersTest {
  private static final int VOCABULARY = 200;
  private static final Sequence NOTHING =
      new Sequence(new Prompt(new float[0], new int[] {0}, GenerationOptions.defaults()));

  private final SplittableRandom random = new SplittableRandom(90);
  private final float[] scores = new float[VOCABULARY];

  WarpersTest() {
    for (int i = 0; i < VOCABULARY; i++) {
      scores[i] = (float) (2 * random.nextGaussian());
    }
  }

  private float[] warped(LogitsProcessor warper) {
    float[] copy = scores.clone();
    warper.process(NOTHING, copy);
    return copy;
  }

  private double[] probabilities() {
    double[] weights = new double[VOCABULARY];
    Arrays.setAll(weights, i -> Math.exp(scores[i]));
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }

  /** Fails unless exactly these are left, each with its score. */
  private void assertLeft(float[] found, boolean[] left) {
    for (int i = 0; i < VOCABULARY; i++) {
      float expected = left[i] ? scores[i] : Float.NEGATIVE_INFINITY;
      assertThat(found[i]).as("token %d", i).isEqualTo(expected);
    }
  }

  /** How many tokens have a larger key. */
  private static int larger(double[] keys, int token) {
    return (int) Arrays.stream(keys).filter(k -> k > keys[token]).count();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 50, 199, 200, 1000})
  void topKLeavesTheLikeliest(int k) {
    double[] keys = new double[VOCABULARY];
    Arrays.setAll(keys, i -> scores[i]);
    boolean[] left = new boolean[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      left[i] = larger(keys, i) < k;
    }
    assertLeft(warped(Warpers.topK(k)), left);
  }

  @Test
  void topKLeavesAllThatEqualTheLastOne() {
    float[] equal = {1, 2, 2, 2, 0};
    Warpers.topK(2).process(NOTHING, equal);
    assertThat(equal).containsExactly(Float.NEGATIVE_INFINITY, 2, 2, 2, Float.NEGATIVE_INFINITY);
  }

  @ParameterizedTest
  @CsvSource({"0.3,1", "0.01,1", "1,1", "0.9,5", "0.5,200"})
  void minPLeavesThoseNotFarBelowTheLikeliest(double p, int keep) {
    double[] probabilities = probabilities();
    double best = Arrays.stream(probabilities).max().orElseThrow();
    boolean[] left = new boolean[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      left[i] = probabilities[i] >= p * best * (1 - 1e-6) || larger(probabilities, i) < keep;
    }
    assertLeft(warped(Warpers.minP(p, keep)), left);
  }

  /** Meister et al. 2023: the nearest to the entropy first, until their mass is reached. */
  @ParameterizedTest
  @CsvSource({"0.2,1", "0.9,1", "0.001,1", "0.001,7"})
  void typicalPLeavesThoseWhoseSurpriseIsUsual(double p, int keep) {
    double[] probabilities = probabilities();
    double entropy = Arrays.stream(probabilities).map(q -> -q * Math.log(q)).sum();
    double[] keys = new double[VOCABULARY];
    Arrays.setAll(keys, i -> -Math.abs(-Math.log(probabilities[i]) - entropy));
    boolean[] left = new boolean[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      double before = 0;
      for (int j = 0; j < VOCABULARY; j++) {
        before += keys[j] > keys[i] ? probabilities[j] : 0;
      }
      left[i] = before < p || larger(keys, i) < keep;
    }
    assertLeft(warped(Warpers.typicalP(p, keep)), left);
  }

  @ParameterizedTest
  @CsvSource({"0.5,1", "0.9,1", "0.0001,1", "0.0001,3"})
  void topPLeavesTheLikeliestUntilTheirMassIsReached(double p, int keep) {
    double[] probabilities = probabilities();
    boolean[] left = new boolean[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      double before = 0;
      for (int j = 0; j < VOCABULARY; j++) {
        before += probabilities[j] > probabilities[i] ? probabilities[j] : 0;
      }
      left[i] = before < p || larger(probabilities, i) < keep;
    }
    assertLeft(warped(new TopP(p, keep)), left);
  }

  @Test
  void temperatureDividesScores() {
    float[] found = warped(Warpers.temperature(0.5f));
    for (int i = 0; i < VOCABULARY; i++) {
      assertThat(found[i]).isCloseTo(2 * scores[i], within(1e-5f));
    }
  }

  @Test
  void onlyWhatIsAskedForIsDone() {
    GenerationOptions none = GenerationOptions.builder().doSample(true).topK(0).build();
    assertThat(Warpers.of(none, 1)).isEmpty();
    GenerationOptions all =
        none.toBuilder().temperature(2).topK(5).topP(0.5).minP(0.1).typicalP(0.5).build();
    assertThat(Warpers.of(all, 1)).hasSize(5);
    assertThat(Warpers.of(GenerationOptions.defaults(), 1)).as("top_k is 50").hasSize(1);
  }

  /** In a beam search a token is left to go on with beside every end token. */
  @Test
  void atLeastAsManyAreLeftAsABeamSearchNeeds() {
    GenerationOptions one =
        GenerationOptions.builder().doSample(true).topK(1).topP(0).minP(1).typicalP(0.0001).build();
    float[] found = scores.clone();
    Warpers.of(one, 3).forEach(w -> w.process(NOTHING, found));
    int left = 0;
    for (float score : found) {
      left += score > Float.NEGATIVE_INFINITY ? 1 : 0;
    }
    assertThat(left).isGreaterThanOrEqualTo(3);
  }
}
