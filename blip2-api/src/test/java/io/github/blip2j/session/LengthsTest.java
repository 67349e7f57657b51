package io.github.blip2j.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.internal.decoding.TinyConfig;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LengthsTest {
  private static final int VOCABULARY = 10;
  private static final int POSITIONS = 12;
  private static final int PAD = 1;
  private static final int ONE_VECTOR = TinyConfig.WIDTH;
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, POSITIONS);

  private static Lengths rows(int rows) {
    return new Lengths(CONFIG, rows, POSITIONS);
  }

  private static StepPlan step(Lengths lengths, int features, int[][] tokens) {
    int floats = features * ONE_VECTOR * lengths.rows();
    return lengths.plan(floats, tokens, lengths.rows() * VOCABULARY);
  }

  private static void append(Lengths lengths, int features, int[][] tokens) {
    lengths.advance(step(lengths, features, tokens));
  }

  @Test
  void unequalRowsArePaddedAtTheirEnd() {
    StepPlan step = step(rows(2), 1, new int[][] {{3, 4, 5}, {6}});
    assertThat(step.features()).isEqualTo(1);
    assertThat(step.width()).isEqualTo(3);
    assertThat(step.span()).isEqualTo(4);
    assertThat(step.rows()).isEqualTo(2);
    assertThat(step.ids()).containsExactly(3, 4, 5, 6, PAD, PAD);
    assertThat(step.positionIds()).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
    assertThat(step.sequenceLengths()).containsExactly(4, 2);
    assertThat(step.logitRows()).containsExactly(3, 4 + 1); // behind the last real vector
    assertThat(step.total()).isEqualTo(4);
    assertThat(step.uniform()).isFalse();
  }

  @Test
  void aPlanChangesNothingUntilItIsDone() {
    Lengths lengths = rows(2);
    StepPlan step = step(lengths, 2, new int[][] {{3}, {4}});
    assertThat(step.uniform()).isTrue();
    assertThat(lengths.longest()).isZero();
    lengths.advance(step);
    assertThat(lengths.length(0)).isEqualTo(3);
    lengths.advance(2);
    assertThat(lengths.length(1)).isEqualTo(5);
    assertThat(lengths.capacity()).isEqualTo(POSITIONS);
  }

  @Test
  void paddingAtTheVeryEndHasAPositionOfTheTable() {
    Lengths lengths = rows(2);
    append(lengths, 0, new int[][] {{2, 2, 2, 2, 2, 2, 2, 2, 2}, {2}});
    lengths.truncate(9);
    StepPlan step = step(lengths, 0, new int[][] {{3}, {4, 5, 6}});
    assertThat(step.positionIds()).containsExactly(9, 10, 11, 1, 2, 3);
    assertThat(step.sequenceLengths()).containsExactly(10, 4);
    assertThat(step.total()).isEqualTo(10);
  }

  @Test
  void rowsOfOneLengthAreUniformOnlyIfTheyStaySo() {
    Lengths lengths = rows(2);
    append(lengths, 0, new int[][] {{2, 3}, {2}});
    // Of one length after the step, but not before.
    assertThat(step(lengths, 0, new int[][] {{4}, {5, 6}}).uniform()).isFalse();
    lengths.truncate(1);
    assertThat(step(lengths, 0, new int[][] {{4}, {5}}).uniform()).isTrue();
  }

  @Test
  void logitsAfterEachTokenOfOneRow() {
    Lengths lengths = rows(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.planEach(new int[][] {{3}}, VOCABULARY))
        .withMessageContaining("1 row that has begun")
        .withMessageContaining("found 1 rows of 0 positions");
    append(lengths, 0, new int[][] {{2}});
    StepPlan step = lengths.planEach(new int[][] {{3, 4, 5}}, 3 * VOCABULARY);
    assertThat(step.logitRows()).containsExactly(0, 1, 2);
    assertThat(step.positionIds()).containsExactly(1, 2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.planEach(new int[][] {{3, 4, 5}}, 3 * VOCABULARY - 1))
        .withMessageContaining("room for 30 logits")
        .withMessageContaining("and 29");
  }

  @Test
  void stepsAheadNeedRowsOfOneLengthAndRoom() {
    Lengths lengths = rows(2);
    int room = 100 * VOCABULARY;
    int[][] tokens = {{2}, {3}};
    assertThat(lengths.planAhead(0, tokens, POSITIONS - 1, room).total()).isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.planAhead(0, tokens, POSITIONS, room))
        .withMessageContaining("at most 12 positions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.planAhead(0, tokens, 0, room))
        .withMessageContaining("expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.planAhead(0, new int[][] {{2, 4}, {3}}, 1, room))
        .withMessageContaining("found lengths [2, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.planAhead(0, tokens, 2, 3 * 2 * VOCABULARY - 1))
        .withMessageContaining("room for 60 logits");
  }

  @Test
  void anEncoderReadsLikeAStepOfEmptyRows() {
    Lengths lengths = rows(2);
    append(lengths, 0, new int[][] {{2}, {3}});
    StepPlan read = lengths.encoding(2 * ONE_VECTOR * 2, new int[][] {{4, 5}, {6}}, 2 * VOCABULARY);
    assertThat(read.sequenceLengths()).containsExactly(4, 3);
    assertThat(read.positionIds()).startsWith(0, 1, 2, 3);
    int[][] tooLong = {new int[POSITIONS - 1], {6}};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.encoding(2 * ONE_VECTOR * 2, tooLong, 2 * VOCABULARY))
        .withMessageContaining("13 tokens")
        .withMessageContaining("within 12");
  }

  /** Positions as labels: a row is what was written to it, whatever rows were copied how. */
  private static final class Labels implements RowStore {
    private final List<int[]> store = new ArrayList<>();
    private long copied;
    private int rows;

    @Override
    public void reserve(int wanted) {
      while (store.size() < wanted) {
        store.add(new int[POSITIONS]);
      }
    }

    @Override
    public void copy(int from, int to, int start, int end) {
      System.arraycopy(store.get(from), start, store.get(to), start, end - start);
      copied += end - start;
    }

    @Override
    public void rows(int count) {
      rows = count;
    }

    @Override
    public void close() {}

    void write(int row, int from, int to, int label) {
      reserve(row + 1);
      Arrays.fill(store.get(row), from, to, label);
    }

    int[] row(int row, int length) {
      return Arrays.copyOf(store.get(row), length);
    }
  }

  @Test
  void rowsThatWereOnceOneAreCopiedOnlyWhereTheyDiffer() {
    Lengths lengths = rows(1);
    Labels labels = new Labels();
    append(lengths, 0, new int[][] {{2, 2, 2, 2, 2}});
    labels.write(0, 0, 5, 1);
    lengths.select(new int[] {0, 0}, labels);
    assertThat(labels.copied).isEqualTo(5);
    append(lengths, 0, new int[][] {{3}, {4}});
    labels.write(0, 5, 6, 2);
    labels.write(1, 5, 6, 3);
    lengths.select(new int[] {1, 1}, labels);
    assertThat(labels.copied).isEqualTo(5 + 1); // row 1 over row 0, its last position alone
    assertThat(labels.row(0, 6)).containsExactly(1, 1, 1, 1, 1, 3);
    assertThat(labels.rows).isEqualTo(2);
  }

  /** Every order of rows, steps and ways back, against rows that are copied whole. */
  @Test
  void anyOrderOfRowsLeavesEachItsOwnPositions() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 200; round++) {
      Lengths lengths = rows(1 + random.nextInt(3));
      Labels labels = new Labels();
      labels.reserve(lengths.rows());
      List<int[]> expected = new ArrayList<>();
      for (int row = 0; row < lengths.rows(); row++) {
        expected.add(new int[0]);
      }
      int label = 0;
      for (int turn = 0; turn < 12; turn++) {
        if (random.nextBoolean() && lengths.longest() < POSITIONS - 1) {
          boolean room = lengths.longest() < POSITIONS - 2;
          int[][] tokens = new int[lengths.rows()][];
          for (int row = 0; row < tokens.length; row++) {
            int from = lengths.length(row);
            tokens[row] = new int[room ? 1 + random.nextInt(2) : 1];
            labels.write(row, from, from + tokens[row].length, ++label);
            int[] longer = Arrays.copyOf(expected.get(row), from + tokens[row].length);
            Arrays.fill(longer, from, longer.length, label);
            expected.set(row, longer);
          }
          append(lengths, 0, tokens);
        } else if (random.nextInt(4) == 0) {
          int shorter = random.nextInt(lengths.longest() + 1);
          lengths.truncate(shorter);
          expected.replaceAll(row -> Arrays.copyOf(row, Math.min(row.length, shorter)));
        } else {
          int before = lengths.rows();
          int[] order = random.ints(1 + random.nextInt(4), 0, before).toArray();
          lengths.select(order, labels);
          List<int[]> old = List.copyOf(expected);
          expected.clear();
          Arrays.stream(order).forEach(row -> expected.add(old.get(row).clone()));
        }
        for (int row = 0; row < lengths.rows(); row++) {
          assertThat(labels.row(row, lengths.length(row)))
              .as("round %d, turn %d, row %d", round, turn, row)
              .isEqualTo(expected.get(row));
        }
      }
    }
  }

  @Test
  void aForkGoesOnByItself() {
    Lengths lengths = rows(2);
    append(lengths, 0, new int[][] {{2, 3, 4}, {5}});
    Lengths fork = lengths.fork(new int[] {1, 0, 1}, 5);
    assertThat(fork.rows()).isEqualTo(3);
    assertThat(fork.length(0)).isEqualTo(1);
    assertThat(fork.length(1)).isEqualTo(3);
    assertThat(fork.capacity()).isEqualTo(5);
    fork.advance(2);
    assertThat(lengths.length(0)).isEqualTo(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.fork(new int[] {0}, 2))
        .withMessage("capacity (2) must be at least the 3 positions of row 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.fork(new int[] {2}, 5))
        .withMessage("row (2) must be 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.fork(new int[0], 5))
        .withMessageContaining("rows (0)");
  }

  /** Steps are numbered from 1 in each session: equal numbers there are not equal positions. */
  @Test
  void adoptedRowsAreLikeNoRowThatWasThere() {
    Lengths lengths = rows(1);
    Labels labels = new Labels();
    append(lengths, 0, new int[][] {{2, 2, 2}});
    labels.write(0, 0, 3, 1);
    Lengths other = rows(2);
    append(other, 0, new int[][] {{3, 3}, {4, 4, 4}});
    lengths.adopt(other, new int[] {1, 1, 0});
    assertThat(lengths.rows()).isEqualTo(4);
    assertThat(lengths.length(3)).isEqualTo(2);
    labels.write(1, 0, 3, 2);
    labels.write(2, 0, 3, 2);
    labels.write(3, 0, 2, 3);
    lengths.select(new int[] {1, 2}, labels); // over a row of the same step numbers
    assertThat(labels.row(0, 3)).containsExactly(2, 2, 2);
    assertThat(labels.copied).isEqualTo(3); // row 2 is what row 1 was already
    append(lengths, 0, new int[][] {{5}, {6}});
    assertThat(lengths.length(0)).isEqualTo(4);
    assertThat(other.length(1)).isEqualTo(3);
  }

  @Test
  void rowsThatDoNotFitAreNotAdopted() {
    Lengths small = new Lengths(CONFIG, 1, 3);
    Lengths other = rows(2);
    append(other, 0, new int[][] {{3, 3}, {4, 4, 4, 4}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small.adopt(other, new int[] {0, 1}))
        .withMessage("capacity (3) must be at least the 4 positions of row 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small.adopt(other, new int[] {2}))
        .withMessage("row (2) must be 0 to 1");
    assertThat(small.rows()).isEqualTo(1);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rows(0))
        .withMessageContaining("rows (0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Lengths(CONFIG, 1, POSITIONS + 1))
        .withMessage("capacity (13) must be 1 to 12");
    Lengths lengths = rows(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.plan(3, new int[][] {{2}, {2}}, 2 * VOCABULARY))
        .withMessageContaining("a multiple of 8 floats, found 2 rows and 3 floats");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.plan(0, new int[][] {{2}}, 2 * VOCABULARY))
        .withMessageContaining("tokens of 2 rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.plan(0, new int[][] {{2}, {2}}, 2 * VOCABULARY - 1))
        .withMessage("logits: expected room for 20 floats, found 19");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> step(lengths, 0, new int[][] {{2}, {}}))
        .withMessage("row 1: expected at least 1 token, found none");
    for (int id : new int[] {-1, VOCABULARY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> step(lengths, 0, new int[][] {{2}, {id}}))
          .withMessage("row 1: expected ids below 10, found " + id);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> step(lengths, POSITIONS, new int[][] {{2}, {2}}))
        .withMessage("row 0: expected at most 12 positions, found 13");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lengths.truncate(-1))
        .withMessage("length (-1) must be at least 0");
  }
}
