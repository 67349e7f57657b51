package io.github.blip2j.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowMovesTest {
  /** Does the moves on rows that hold their own number; gives what the first ones hold then. */
  private static int[] moved(int before, int[] rows) {
    int[] content = IntStream.range(0, Math.max(before, rows.length) + 1).toArray();
    int aside = content.length - 1;
    for (RowMoves.Move move : RowMoves.plan(rows)) {
      int from = move.from() == RowMoves.ASIDE ? aside : move.from();
      content[move.to() == RowMoves.ASIDE ? aside : move.to()] = content[from];
    }
    return Arrays.copyOf(content, rows.length);
  }

  @Test
  void nothingMovesThatStays() {
    assertThat(RowMoves.plan(new int[] {0, 1, 2})).isEmpty();
    assertThat(RowMoves.plan(new int[] {0, 2})).isEqualTo(List.of(new RowMoves.Move(2, 1)));
    assertThat(RowMoves.plan(new int[] {0, 0, 0})).hasSize(2);
  }

  @Test
  void ringsSetOneRowAside() {
    assertThat(RowMoves.plan(new int[] {1, 0})).hasSize(3);
    assertThat(moved(2, new int[] {1, 0})).containsExactly(1, 0);
    assertThat(moved(4, new int[] {1, 0, 3, 2})).containsExactly(1, 0, 3, 2);
    assertThat(moved(3, new int[] {2, 0, 1})).containsExactly(2, 0, 1);
  }

  @Test
  void anySelectionArrives() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 5000; round++) {
      int before = random.nextInt(1, 7);
      int[] rows = new int[random.nextInt(1, 9)];
      Arrays.setAll(rows, i -> random.nextInt(before));
      assertThat(moved(before, rows)).as("%s", Arrays.toString(rows)).isEqualTo(rows);
    }
  }
}
