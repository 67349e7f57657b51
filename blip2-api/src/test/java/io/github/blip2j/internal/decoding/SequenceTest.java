package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.TokenProbability;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One text under way, and the best few of many offers. */
class SequenceTest {
  private static final int[] PROMPT = {4, 5};
  private static final List<TokenProbability> LIKELY = List.of(new TokenProbability(7, -0.5));

  private final Sequence sequence =
      new Sequence(new Prompt(new float[0], PROMPT, GenerationOptions.defaults()));

  @Test
  void newTokensStandBehindThePrompt() {
    assertThat(sequence.written()).isZero();
    assertThat(sequence.ids()).isEmpty();
    assertThat(sequence.history()).containsExactly(4, 5);
    sequence.add(7, -0.5, LIKELY);
    sequence.add(8, -0.25, List.of());
    assertThat(sequence.ids()).containsExactly(7, 8);
    assertThat(sequence.history()).containsExactly(4, 5, 7, 8);
    assertThat(sequence.length()).isEqualTo(4);
    assertThat(sequence.written()).isEqualTo(2);
    assertThat(sequence.written(1)).isEqualTo(8);
    assertThat(sequence.logProbabilities()).containsExactly(-0.5, -0.25);
    assertThat(sequence.alternatives()).containsExactly(LIKELY, List.of());
    assertThat(sequence.score()).isEqualTo(-0.75);
  }

  @Test
  void aTextMayBeLongerThanThereWasRoomFor() {
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      sequence.add(i, -1, List.of());
      expected.add(i);
    }
    assertThat(sequence.ids()).isEqualTo(expected);
    assertThat(sequence.score()).isEqualTo(-1000);
  }

  @Test
  void aCopyGoesItsOwnWay() {
    sequence.add(7, -0.5, LIKELY);
    Sequence copy = sequence.copy();
    copy.add(8, -0.25, List.of());
    copy.finish(FinishReason.EOS);
    copy.score(-9);
    assertThat(copy.ids()).containsExactly(7, 8);
    assertThat(sequence.ids()).containsExactly(7);
    assertThat(sequence.finish()).isEmpty();
    assertThat(sequence.score()).isEqualTo(-0.5);
    assertThat(copy.finish()).contains(FinishReason.EOS);
    assertThat(copy.score()).isEqualTo(-9);
    assertThat(copy.logProbabilities()).hasSize(2);
  }

  @Test
  void whatIsGivenAwayCannotBeChanged() {
    sequence.add(7, -0.5, LIKELY);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> sequence.ids().add(1));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> sequence.logProbabilities().add(1.0));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> sequence.alternatives().add(LIKELY));
    assertThat(PROMPT).as("the prompt's own array").containsExactly(4, 5);
  }

  /** What processors look at may differ from what the model is given. */
  @Test
  void aHistoryOfItsOwnCountsAsThePrompt() {
    Prompt prompt =
        new Prompt(new float[0], new int[] {2}, new int[] {9, 9, 2}, GenerationOptions.defaults());
    Sequence other = new Sequence(prompt);
    other.add(1, 0, List.of());
    assertThat(other.history()).containsExactly(9, 9, 2, 1);
    assertThat(other.ids()).containsExactly(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Prompt(new float[0], new int[0], GenerationOptions.defaults()))
        .withMessage("tokens (0) must be at least 1");
  }

  private static List<String> kept(TopCandidates top) {
    List<String> kept = new ArrayList<>();
    top.bestFirst((beam, token, score) -> kept.add(beam + "." + token + "=" + score));
    return kept;
  }

  @Test
  void theBestFewAreKeptBestFirst() {
    TopCandidates top = new TopCandidates(3);
    assertThat(kept(top)).isEmpty();
    top.offer(1, 0, 10, 1);
    top.offer(3, 0, 11, 3);
    assertThat(kept(top)).containsExactly("0.11=3.0", "0.10=1.0");
    top.offer(2, 1, 12, 2);
    top.offer(0, 1, 13, 0);
    top.offer(4, 2, 14, 4);
    assertThat(kept(top)).containsExactly("2.14=4.0", "0.11=3.0", "1.12=2.0");
  }

  @Test
  void ofEqualsTheFirstOfferedStays() {
    TopCandidates top = new TopCandidates(2);
    for (int token = 0; token < 5; token++) {
      top.offer(1, 0, token, 1);
    }
    assertThat(kept(top)).containsExactly("0.0=1.0", "0.1=1.0");
    top.offer(2, 1, 9, 2);
    assertThat(kept(top)).containsExactly("1.9=2.0", "0.0=1.0");
  }

  /** A rank by which it was drawn, and the score that it really has. */
  @Test
  void theRankDecidesAndTheScoreIsGiven() {
    TopCandidates top = new TopCandidates(1);
    top.offer(5, 0, 1, -3);
    top.offer(4, 0, 2, -1);
    assertThat(kept(top)).containsExactly("0.1=-3.0");
  }

  @Test
  void whatIsImpossibleOrNoNumberIsTheLast() {
    TopCandidates top = new TopCandidates(2);
    top.offer(Double.NEGATIVE_INFINITY, 0, 1, Float.NEGATIVE_INFINITY);
    top.offer(Double.NEGATIVE_INFINITY, 0, 2, Float.NEGATIVE_INFINITY);
    top.offer(-1e30, 0, 3, -1e30f);
    top.offer(Double.NaN, 0, 4, Float.NaN);
    assertThat(kept(top)).containsExactly("0.3=-1.0E30", "0.1=-Infinity");
  }
}
