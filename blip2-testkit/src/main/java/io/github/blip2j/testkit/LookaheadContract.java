package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.QUERIES;
import static io.github.blip2j.testkit.TinyOpt.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.SteppingSession;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What a backend must do whose sessions take several steps in one call, and how it refuses.
 * Demands: {@link LanguageModel#stepping}.
 */
public abstract class LookaheadContract extends TinyOptContract {
  private static final int CAPACITY = 16;

  /** A second row's only token. */
  private static final int OTHER = 3;

  private LanguageModel.Stepping stepping() {
    return it.model.language().stepping().orElseThrow();
  }

  @Test
  void stepsAheadThatDoNotFitAreRefused() {
    float[] logits = new float[2 * 4 * vocabulary];
    int[][] tokens = {{START}, {OTHER}};
    try (SteppingSession session = stepping().open(2, CAPACITY)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  session.appendAhead(
                      both(), new int[][] {{START, 4}, {OTHER}}, likeliest(3), logits))
          .withMessageContaining("rows of one length");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendAhead(both(), tokens, likeliest(10), logits))
          .withMessageContaining(CAPACITY + " positions");
      FurtherSteps few = new FurtherSteps(3, List.of(TokenChoice.LIKELIEST));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendAhead(both(), tokens, few, logits))
          .withMessageContaining("choices of 2 rows, found 1");
      // Nothing was appended.
      assertThat(session.appendAhead(both(), tokens, likeliest(3), logits)).hasDimensions(3, 2);
      assertThat(session.length(1)).isEqualTo(QUERIES + 1 + 3);
    }
  }

  @Test
  void stepsAheadAreThoseOneByOne() {
    int steps = 3;
    float[] logits = new float[2 * (1 + steps) * vocabulary];
    assertThat(stepping().most()).isPositive();
    try (SteppingSession session = stepping().open(2, CAPACITY)) {
      int[][] tokens = {{START}, {OTHER}};
      int[][] ids = session.appendAhead(both(), tokens, likeliest(steps), logits);
      assertThat(ids).hasDimensions(steps, 2);
      assertThat(session.length(1)).isEqualTo(QUERIES + 1 + steps);
      int[] first = {START};
      int[] second = {OTHER};
      for (int step = 0; step <= steps; step++) {
        float[] expected = fresh(cat, first);
        tolerance().check("row 0, step " + step, expected, row(logits, 2 * step));
        first = with(first, best(expected));
        expected = fresh(dog, second);
        tolerance().check("row 1, step " + step, expected, row(logits, 2 * step + 1));
        second = with(second, best(expected));
        if (step < steps) {
          assertThat(ids[step]).containsExactly(first[step + 1], second[step + 1]);
        }
      }
      session.truncate(QUERIES + 2);
      session.append(NO_IMAGE, new int[][] {{40}, {41}}, logits);
      tolerance().check("back", fresh(cat, START, first[1], 40), row(logits, 0));
      tolerance().check("back", fresh(dog, OTHER, second[1], 41), row(logits, 1));
    }
  }

  /** Rows of every kind together: drawn with each bound, with all, with none, and not drawn. */
  @Test
  void drawnStepsAreThoseOfTheirDraws() {
    int steps = 6;
    List<TokenChoice> choices =
        List.of(
            new TokenChoice(1, 0, 1, draws(steps)),
            new TokenChoice(0.7, 5, 1, draws(steps)),
            TokenChoice.LIKELIEST,
            new TokenChoice(1.3, 0, 0.8, draws(steps)),
            new TokenChoice(1, 5, 1, almostOne(steps)),
            new TokenChoice(0.9, 20, 0.9, draws(steps)),
            new TokenChoice(1.1, 0, 0, draws(steps)),
            new TokenChoice(1.1, 7, 1e-60, draws(steps)));
    int rows = choices.size();
    int[][] tokens = new int[rows][];
    Arrays.fill(tokens, new int[] {START});
    float[] logits = new float[(1 + steps) * rows * vocabulary];
    try (SteppingSession session = stepping().open(1, CAPACITY)) {
      session.append(cat, new int[][] {{30}}, logits);
      try (SteppingSession fork = session.fork(new int[rows], CAPACITY)) {
        int[][] ids = fork.appendAhead(NO_IMAGE, tokens, new FurtherSteps(steps, choices), logits);
        for (int step = 0; step < ids.length; step++) {
          for (int row = 0; row < rows; row++) {
            float[] own = row(logits, step * rows + row);
            assertThat(ids[step][row])
                .as("step %d, row %d", step, row)
                .isEqualTo(TokenChoices.choose(choices.get(row), step, own));
          }
        }
        assertThat(ids.length).isGreaterThan(2);
        int[] whole = {30, START, ids[0][0], ids[1][0]};
        tolerance().check("third step", fresh(cat, whole), row(logits, 2 * rows));
      }
    }
  }

  /** An encoder reads in the same call; rows of one prompt and of another go on together. */
  @Test
  void aDecoderGoesAheadBehindItsEncoder() {
    int steps = 5;
    List<TokenChoice> choices =
        List.of(TokenChoice.LIKELIEST, new TokenChoice(1.2, 0, 0.9, draws(steps)));
    int[][] prompts = {{TinyT5.END}, {5, 6, TinyT5.END}};
    try (Loaded own =
            new Loaded(backend(), Fixtures.directory("tiny-t5"), it.golden, cache, execution());
        SteppingSession session = own.model.language().stepping().orElseThrow().open(2, 20);
        LanguageSession single = own.model.language().open(2, 20)) {
      int size = own.checkpoint.config().text().vocabularySize();
      float[] features = join(own.features("landscape.png"), own.features("portrait.png"));
      float[] logits = new float[(1 + steps) * 2 * size];
      float[] scores = new float[3 * size];
      int[][] ids =
          session.appendAhead(features, prompts, new FurtherSteps(steps, choices), logits);
      assertThat(session.length(1)).isEqualTo(1 + ids.length);
      single.append(features, prompts, scores);
      for (int step = 0; step < ids.length; step++) {
        assertAhead(logits, scores, step, size);
        for (int row = 0; row < 2; row++) {
          float[] one = Arrays.copyOfRange(scores, row * size, (row + 1) * size);
          assertThat(ids[step][row]).isEqualTo(TokenChoices.choose(choices.get(row), step, one));
        }
        single.append(NO_IMAGE, new int[][] {{ids[step][0]}, {ids[step][1]}}, scores);
      }
      assertAhead(logits, scores, ids.length, size);
      goOnInAnotherOrder(session, single, size);
    }
  }

  private void assertAhead(float[] ahead, float[] single, int step, int size) {
    float[] found = Arrays.copyOfRange(ahead, step * 2 * size, (step + 1) * 2 * size);
    tolerance().check("step " + step, Arrays.copyOf(single, 2 * size), found);
  }

  private void goOnInAnotherOrder(SteppingSession ahead, LanguageSession single, int size) {
    int[] order = {1, 0, 1};
    int[][] tokens = {{9}, {8}, {7}};
    float[] found = new float[2 * order.length * size];
    float[] expected = new float[order.length * size];
    ahead.select(order);
    single.select(order);
    List<TokenChoice> likeliest = Collections.nCopies(order.length, TokenChoice.LIKELIEST);
    ahead.appendAhead(NO_IMAGE, tokens, new FurtherSteps(1, likeliest), found);
    single.append(NO_IMAGE, tokens, expected);
    tolerance().check("on", expected, Arrays.copyOf(found, order.length * size));
  }

  /** Several rows behind a kept beginning may be taken one step at a time, but never wrong. */
  @Test
  void rowsGoAheadFromAKeptBeginning() {
    float[] logits = new float[2 * 4 * vocabulary];
    try (SteppingSession session = stepping().open(1, CAPACITY)) {
      session.append(cat, new int[][] {{START}}, logits);
      try (SteppingSession fork = session.fork(new int[] {0, 0}, CAPACITY)) {
        int[][] tokens = {{30, 31}, {32, 33}};
        int further = fork.appendAhead(NO_IMAGE, tokens, likeliest(3), logits).length;
        assertThat(fork.length(0)).isEqualTo(QUERIES + 3 + further);
        tolerance().check("row 0", fresh(cat, START, 30, 31), row(logits, 0));
        tolerance().check("row 1", fresh(cat, START, 32, 33), row(logits, 1));
      }
    }
  }

  /** Further steps of two rows. */
  private static FurtherSteps likeliest(int most) {
    return new FurtherSteps(most, List.of(TokenChoice.LIKELIEST, TokenChoice.LIKELIEST));
  }

  private static double[] almostOne(int count) {
    double[] draws = new double[count];
    Arrays.fill(draws, Math.nextDown(1.0));
    return draws;
  }

  private static double[] draws(int count) {
    return new Random(count).doubles(count).toArray();
  }

  private static int[] with(int[] tokens, int next) {
    int[] more = Arrays.copyOf(tokens, tokens.length + 1);
    more[tokens.length] = next;
    return more;
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
