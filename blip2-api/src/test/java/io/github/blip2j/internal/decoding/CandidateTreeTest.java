package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.core.InferenceException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Candidates scored as a tree: the same sums as one by one, in no more steps than needed. */
class CandidateTreeTest {
  private static final int VOCABULARY = 8;
  private static final int MANY_ROWS = 100;
  private static final float BEST = 3;
  private static final float SECOND = 1;
  private static final Script SCRIPT = Script.counting(VOCABULARY, BEST, SECOND, 0);
  private static final int FIRST = 2;
  private static final List<int[]> CANDIDATES =
      List.of(
          new int[] {3, 4, 5},
          new int[] {3, 4, 6},
          new int[] {3},
          new int[] {7, 1},
          new int[] {3, 4, 5}, // again
          new int[] {7, 2, 2, 2});

  private final ScriptedModel model = new ScriptedModel(SCRIPT, VOCABULARY, 0);
  private final LookaheadSession session =
      new LookaheadModel(model::open, new TinyConfig(VOCABULARY, 50)).open(1, 20);
  private final float[] logits = new float[VOCABULARY];

  private double[] score(List<int[]> candidates, int mostRows) {
    session.append(new float[0], new int[][] {{FIRST}}, logits);
    model.calls.clear();
    return session.score(logits, candidates, mostRows);
  }

  /** By the script alone: the next token's logit is 3, the one after it 1, the others' 0. */
  private static double expected(int... tokens) {
    double all = Math.log(Math.exp(BEST) + Math.exp(SECOND) + VOCABULARY - 2);
    double sum = 0;
    int last = FIRST;
    for (int token : tokens) {
      int ahead = (token - last + VOCABULARY) % VOCABULARY;
      sum += (ahead == 1 ? BEST : ahead == 2 ? SECOND : 0) - all;
      last = token;
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, MANY_ROWS})
  void sumsAreThoseOfEachCandidateAlone(int mostRows) {
    double[] sums = score(CANDIDATES, mostRows);
    for (int i = 0; i < sums.length; i++) {
      assertThat(sums[i])
          .as("%s", Arrays.toString(CANDIDATES.get(i)))
          .isCloseTo(expected(CANDIDATES.get(i)), within(1e-5));
    }
    assertThat(session.length(0)).as("the session is left as it is").isOne();
    assertThat(model.calls.stream().filter("close"::equals).count())
        .as("every fork is closed")
        .isEqualTo(model.calls.stream().filter(call -> call.startsWith("fork")).count());
  }

  @Test
  void whatSeveralBeginWithIsOneRowAndTheLastTokenNeedsNoStep() {
    score(CANDIDATES, MANY_ROWS);
    assertThat(model.calls.stream().filter(call -> call.startsWith("append")))
        .containsExactly("append [[3], [7]]", "append [[4], [2]]", "append [[2]]");
    assertThat(model.calls).contains("fork [0, 0]", "select [0, 1]", "select [1]");
  }

  @Test
  void candidatesOfOneTokenNeedNoStepAtAll() {
    assertThat(score(List.of(new int[] {3}, new int[] {5}), MANY_ROWS))
        .containsExactly(new double[] {expected(3), expected(5)}, within(1e-5));
    assertThat(model.calls).isEmpty();
  }

  @Test
  void noStepHasMoreRowsThanAllowed() {
    List<int[]> wide = new ArrayList<>();
    for (int token = 0; token < VOCABULARY; token++) {
      wide.add(new int[] {token, token});
    }
    score(wide, 3);
    assertThat(model.calls.stream().filter(call -> call.startsWith("append")))
        .containsExactly("append [[0], [1], [2]]", "append [[3], [4], [5]]", "append [[6], [7]]");
  }

  @Test
  void anEmptyCandidateIsRefusedBeforeAnyWork() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(List.of(new int[] {1, 2}, new int[0]), MANY_ROWS))
        .withMessage("candidate 1 must have a token, but has none");
    assertThat(model.calls).isEmpty();
  }

  @Test
  void anInterruptEndsItAndIsKept() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> score(CANDIDATES, MANY_ROWS))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("interrupted");
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(model.calls).contains("close");
    assertThat(session.length(0)).isOne();
  }

  /** Where calls take turns at the engine every step has one, and gives it back. */
  @Test
  void stepsAreTakenInTurn() {
    Turns turns = Turns.of(1, 1);
    List<String> without = new ArrayList<>();
    model.before =
        call -> {
          if (!call.startsWith("fork") && turns.tryDuring(new Impatience(), () -> {})) {
            without.add(call);
          }
        };
    LookaheadModel shared =
        new LookaheadModel(model::open, new TinyConfig(VOCABULARY, 50), /* maxRows= */ 4, turns);
    try (LookaheadSession one = shared.open(1, 20)) {
      one.append(new float[0], new int[][] {{FIRST}}, logits);
      model.calls.clear();
      double[] sums = one.score(logits, CANDIDATES, MANY_ROWS);
      assertThat(sums[0]).isCloseTo(expected(CANDIDATES.get(0)), within(1e-5));
    }
    assertThat(model.calls.stream().filter(call -> call.startsWith("append"))).hasSize(3);
    assertThat(without).isEmpty();
  }

  private static final class Impatience implements Patience {
    @Override
    public boolean ends() {
      return true;
    }

    @Override
    public long left() {
      return 0;
    }
  }
}
