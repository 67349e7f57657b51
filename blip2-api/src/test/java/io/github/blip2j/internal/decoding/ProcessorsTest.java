package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.generation.GenerationOptions;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProcessorsTest {
  private static final double CLOSE = 1e-5;
  private final JsonNode golden;
  private final Sequence history;

  ProcessorsTest() throws IOException {
    try (InputStream in =
        ProcessorsTest.class.getResourceAsStream("/fixtures/logits-processors.json")) {
      golden = new ObjectMapper().readTree(Objects.requireNonNull(in));
    }
    int[] ids = new int[golden.get("history").size()];
    Arrays.setAll(ids, i -> golden.get("history").get(i).intValue());
    history = sequence(ids);
  }

  private static Sequence sequence(int... ids) {
    return new Sequence(new Prompt(new float[0], ids, GenerationOptions.defaults()));
  }

  private float[] logits() {
    float[] logits = new float[golden.get("logits").size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) golden.get("logits").get(i).doubleValue();
    }
    return logits;
  }

  private void check(String name, LogitsProcessor... chain) {
    float[] found = logits();
    for (LogitsProcessor processor : chain) {
      processor.process(history, found);
    }
    JsonNode expected = Objects.requireNonNull(golden.get("after").get(name), name);
    for (int i = 0; i < found.length; i++) {
      if (expected.get(i).isNull()) {
        assertThat(found[i]).as("%s[%d]", name, i).isEqualTo(Float.NEGATIVE_INFINITY);
      } else {
        assertThat((double) found[i])
            .as("%s[%d]", name, i)
            .isCloseTo(expected.get(i).doubleValue(), within(CLOSE));
      }
    }
  }

  @Test
  void everyGoldenRowIsMet() {
    assertThat(golden.get("after")).hasSize(9);
    check("temperature0.7", Warpers.temperature(0.7f));
    check("topk5", Warpers.topK(5));
    check("topp0.8", new TopP(0.8, 1));
    check("minp0.1", Warpers.minP(0.1, 1));
    check("typical0.6", Warpers.typicalP(0.6, 1));
    check("repetition1.7", Penalties.repetition(1.7f));
    check("norepeat2", Penalties.noRepeatNgram(2));
    check("norepeat3", Penalties.noRepeatNgram(3));
    check(
        "all",
        Penalties.repetition(1.3f),
        Warpers.temperature(1.4f),
        Warpers.topK(20),
        new TopP(0.9, 1));
  }

  private static float[] processed(LogitsProcessor processor, Sequence sequence) {
    float[] scores = {1, 2, 3, 4, 5};
    processor.process(sequence, scores);
    return scores;
  }

  @Test
  void badWordsAreBannedBehindTheirBeginning() {
    float no = Float.NEGATIVE_INFINITY;
    assertThat(processed(Penalties.badWord(List.of(3)), sequence(0)))
        .containsExactly(1, 2, 3, no, 5);
    assertThat(processed(Penalties.badWord(List.of(1, 2)), sequence(0, 1)))
        .containsExactly(1, 2, no, 4, 5);
    assertThat(processed(Penalties.badWord(List.of(1, 2)), sequence(1, 0)))
        .containsExactly(1, 2, 3, 4, 5);
    assertThat(processed(Penalties.badWord(List.of(0, 1, 2)), sequence(0, 1)))
        .as("longer than what is there, as in the reference")
        .containsExactly(1, 2, 3, 4, 5);
    GenerationOptions ends =
        GenerationOptions.builder().badWordsIds(List.of(List.of(4), List.of(2))).build();
    assertThat(Penalties.of(ends, List.of(4))).as("an end token is no bad word").hasSize(1);
  }

  @Test
  void choicesAllowTheirTokensAndThenAnEnd() {
    float no = Float.NEGATIVE_INFINITY;
    LogitsProcessor choices =
        Penalties.choices(List.of(List.of(1, 2), List.of(1), List.of(3)), List.of(4));
    Sequence sequence = sequence(0);
    assertThat(processed(choices, sequence)).containsExactly(no, 2, no, 4, no);
    sequence.add(1, 0, List.of());
    assertThat(processed(choices, sequence)).containsExactly(no, no, 3, no, 5);
    sequence.add(2, 0, List.of());
    assertThat(processed(choices, sequence)).containsExactly(no, no, no, no, 5);
  }

  @Test
  void usersProcessorsSeeTheWholeSequence() {
    GenerationOptions options =
        GenerationOptions.builder()
            .scoreProcessors(List.of((tokens, scores) -> scores[0] = tokens.size() + tokens.get(0)))
            .build();
    assertThat(Penalties.of(options, List.of(4))).as("not among those that guesses see").isEmpty();
    assertThat(processed(Penalties.ofUsers(options).get(0), sequence(7, 8))[0]).isEqualTo(9);
  }

  @Test
  void selectionIsThatOfSorting() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 200; round++) {
      float[] values = new float[random.nextInt(1, 900)];
      double[] weights = new double[values.length];
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        values[i] = (random.nextInt(50) - 25) / 7f;
        weights[i] = random.nextDouble();
        sum += weights[i];
      }
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      for (int k : new int[] {1, 2, 50, 511, 513, 2000}) {
        assertThat(Largest.kth(values, k)).isEqualTo(sorted[Math.max(0, values.length - k)]);
      }
      double mass = random.nextDouble() * sum;
      float last = Largest.holding(values, weights, mass, 0, new int[values.length]);
      double above = 0;
      double from = 0;
      for (int i = 0; i < values.length; i++) {
        above += values[i] > last ? weights[i] : 0;
        from += values[i] >= last ? weights[i] : 0;
      }
      assertThat(above).isLessThan(mass);
      assertThat(from).isGreaterThanOrEqualTo(mass - 1e-9);
    }
    assertThat(Largest.holding(new float[] {1, 2}, new double[] {.1, .2}, .9, 0, new int[2]))
        .isEqualTo(Float.NEGATIVE_INFINITY);
  }

  /** The least needed weight must not change what is kept. */
  @Test
  void theNucleusIsThatOfASortedVocabulary() {
    SplittableRandom random = new SplittableRandom(8);
    for (double p : new double[] {0, 1e-60, 0.05, 0.5, 0.9, 0.999}) {
      float[] scores = new float[5000];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (float) (3 * random.nextGaussian());
      }
      double[] weights = new double[scores.length];
      Arrays.setAll(weights, i -> Math.exp(scores[i]));
      double sum = Arrays.stream(weights).sum();
      float[] sorted = scores.clone();
      Arrays.sort(sorted);
      int kept = 0;
      for (double held = 0; kept == 0 || held < p * sum; kept++) {
        held += Math.exp(sorted[sorted.length - 1 - kept]);
      }
      new TopP(p, 1).process(sequence(2), scores);
      int left = 0;
      for (float score : scores) {
        left += score > Float.NEGATIVE_INFINITY ? 1 : 0;
      }
      assertThat(left).as("p %s", p).isEqualTo(kept);
    }
  }

  @Test
  void softmaxIsThatOfTheDefinition() {
    SplittableRandom random = new SplittableRandom(3);
    Softmax softmax = new Softmax();
    for (int count : new int[] {1, 2, 3, 4, 5, 50_304, 7}) {
      float[] scores = new float[count];
      for (int i = 0; i < count; i++) {
        scores[i] = (float) (i % 3 == 0 ? -200 * random.nextDouble() : 4 * random.nextGaussian());
      }
      double largest = Largest.of(scores);
      double sum = 0;
      softmax.of(scores);
      for (int i = 0; i < count; i++) {
        double exact = Math.exp(scores[i] - largest);
        sum += exact;
        assertThat(softmax.weights()[i])
            .as("e^%s", scores[i] - largest)
            .isCloseTo(exact, within(2e-8 * exact + 1e-37));
      }
      assertThat(softmax.sum()).isCloseTo(sum, within(2e-8 * sum));
      assertThat(softmax.logSum()).isCloseTo(largest + Math.log(sum), within(1e-7));
      assertThat(softmax.probabilities()[count / 2])
          .isCloseTo((float) (Math.exp(scores[count / 2] - largest) / sum), within(1e-7f));
    }
  }

  @Test
  void softmaxOfWhatIsImpossibleIsZeroAndOfNoNumberNone() {
    Softmax softmax = new Softmax();
    float cut = Float.NEGATIVE_INFINITY;
    double[] weights = softmax.of(new float[] {cut, 3, -1000}).weights();
    assertThat(weights).containsExactly(new double[] {0, 1, 0}, within(1e-8));
    assertThat(weights[0]).isZero();
    assertThat(weights[2]).isZero();
    assertThat(softmax.of(new float[] {cut}).logSum()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(softmax.of(new float[] {1, Float.NaN, 2}).logSum()).isNaN();
    assertThat(softmax.of(new float[] {Float.NaN}).logSum()).isNaN();
  }
}
