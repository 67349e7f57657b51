package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What every backend's sessions must do with rows that began in another session. */
abstract class AdoptionContract extends TinyOptContract {
  @Test
  void adoptedRowsGoOnEachWithItsOwnLength() {
    float[] logits = new float[4 * vocabulary];
    try (LanguageSession session = it.model.language().open(1, ROOMY)) {
      session.append(cat, new int[][] {{START, 30, 31, 32}}, logits);
      try (LanguageSession other = it.model.language().open(2, 12)) {
        other.append(both(), new int[][] {{START}, {START, 33}}, logits);
        session.adopt(other, new int[] {1, 0});
        assertThat(session.rows()).isEqualTo(3);
        assertThat(session.length(1)).isEqualTo(other.length(1));
        other.append(NO_IMAGE, new int[][] {{40}, {41}}, logits); // it stays as it was
        tolerance().check("other", fresh(cat, START, 40), row(logits, 0));
      }
      session.append(NO_IMAGE, new int[][] {{50}, {51}, {52}}, logits);
      tolerance().check("own", fresh(cat, START, 30, 31, 32, 50), row(logits, 0));
      tolerance().check("adopted", fresh(dog, START, 33, 51), row(logits, 1));
      tolerance().check("shortest", fresh(cat, START, 52), row(logits, 2));
      session.select(new int[] {2, 1, 1});
      session.append(NO_IMAGE, new int[][] {{60}, {61}, {62}}, logits);
      tolerance().check("moved", fresh(cat, START, 52, 60), row(logits, 0));
      tolerance().check("doubled", fresh(dog, START, 33, 51, 61), row(logits, 1));
      tolerance().check("doubled", fresh(dog, START, 33, 51, 62), row(logits, 2));
    }
  }

  /** Every order of joining, leaving, forking and steps, against sessions of their own. */
  @Test
  void rowsJoinAndLeaveAtRandom() {
    SplittableRandom random = new SplittableRandom(5);
    List<int[]> held = new ArrayList<>(List.of(new int[] {0, START}));
    LanguageSession session = begun(held.get(0));
    try {
      for (int turn = 0; turn < 24; turn++) {
        if (held.size() < 5 && random.nextInt(3) > 0) {
          int[] joining = {random.nextInt(2), START, random.nextInt(30, 60)};
          try (LanguageSession fresh = begun(joining)) {
            session.adopt(fresh, new int[] {0});
          }
          held.add(joining);
        } else {
          int[] order = random.ints(1 + random.nextInt(4), 0, held.size()).toArray();
          if (random.nextBoolean()) {
            session.select(order);
          } else {
            LanguageSession fork = session.fork(order, ROOMY);
            session.close();
            session = fork;
          }
          List<int[]> old = List.copyOf(held);
          held.clear();
          Arrays.stream(order).forEach(row -> held.add(old.get(row)));
        }
        step(session, held, random, turn);
      }
    } finally {
      session.close();
    }
  }

  private float[] image(int[] row) {
    return row[0] == 0 ? cat : dog;
  }

  private static int[] tokens(int[] row) {
    return Arrays.copyOfRange(row, 1, row.length);
  }

  /** A session of its own for a row: which image, and its tokens. */
  private LanguageSession begun(int[] row) {
    LanguageSession session = it.model.language().open(1, ROOMY);
    session.append(image(row), new int[][] {tokens(row)}, new float[vocabulary]);
    return session;
  }

  private void step(LanguageSession session, List<int[]> held, SplittableRandom random, int turn) {
    int[][] next = new int[held.size()][];
    for (int row = 0; row < next.length; row++) {
      next[row] = new int[] {random.nextInt(30, 60)};
      int[] longer = Arrays.copyOf(held.get(row), held.get(row).length + 1);
      longer[longer.length - 1] = next[row][0];
      held.set(row, longer);
    }
    float[] logits = new float[next.length * vocabulary];
    session.append(NO_IMAGE, next, logits);
    for (int row = 0; row < next.length; row++) {
      float[] alone = fresh(image(held.get(row)), tokens(held.get(row)));
      tolerance().check("turn " + turn + ", row " + row, alone, row(logits, row));
    }
  }

  @Test
  void rowsOfSeveralEncodersGoOnTogether() {
    try (Loaded own =
        new Loaded(backend(), Fixtures.directory("tiny-t5"), it.golden, cache, execution())) {
      int size = own.checkpoint.config().text().vocabularySize();
      float[] first = own.features("landscape.png");
      float[] second = own.features("portrait.png");
      float[] expectedFirst = alone(own, first, new int[] {TinyT5.END}, 9, 11, 12);
      float[] expectedSecond = alone(own, second, new int[] {5, 6, 7, TinyT5.END}, 8, 12);
      float[] logits = new float[4 * size];
      LanguageSession session = own.model.language().open(1, 8);
      session.append(first, new int[][] {{TinyT5.END}}, logits);
      session.append(NO_IMAGE, new int[][] {{9}}, logits);
      try (LanguageSession other = own.model.language().open(2, 6)) {
        other.append(
            join(first, second), new int[][] {{4, TinyT5.END}, {5, 6, 7, TinyT5.END}}, logits);
        session.adopt(other, new int[] {1, 0, 1});
        other.append(NO_IMAGE, new int[][] {{7}, {8}}, logits); // its memory is its own still
      }
      session.append(NO_IMAGE, new int[][] {{11}, {8}, {8}, {9}}, logits);
      try (LanguageSession fork = session.fork(new int[] {1, 0}, 20)) {
        fork.adopt(session, new int[] {0}); // two memories of one origin
        session.close();
        fork.append(NO_IMAGE, new int[][] {{12}, {12}, {12}}, logits);
        tolerance().check("second", expectedSecond, Arrays.copyOf(logits, size));
        tolerance().check("first", expectedFirst, Arrays.copyOfRange(logits, size, 2 * size));
        float[] last = Arrays.copyOfRange(logits, 2 * size, 3 * size);
        tolerance().check("first again", expectedFirst, last);
      }
    }
  }

  /** Logits after the last token, each in a step of its own. */
  private static float[] alone(Loaded own, float[] features, int[] prompt, int... tokens) {
    float[] logits = new float[own.checkpoint.config().text().vocabularySize()];
    try (LanguageSession session = own.model.language().open(1, 8)) {
      session.append(features, new int[][] {prompt}, logits);
      for (int token : tokens) {
        session.append(NO_IMAGE, new int[][] {{token}}, logits);
      }
    }
    return logits;
  }

  @Test
  void refusesRowsThatItCannotAdopt() {
    float[] logits = new float[2 * vocabulary];
    try (Loaded own =
            new Loaded(backend(), Fixtures.directory("tiny-opt"), it.golden, cache, execution());
        LanguageSession stranger = own.model.language().open(1, ROOMY);
        LanguageSession session = it.model.language().open(1, 8);
        LanguageSession longer = it.model.language().open(1, ROOMY)) {
      session.append(cat, new int[][] {{START}}, logits);
      longer.append(dog, new int[][] {{START, 30, 31}}, logits);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.adopt(session, new int[] {0}))
          .withMessageContaining("found this one");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.adopt(stranger, new int[] {0}))
          .withMessageContaining("found one of another model");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.adopt(longer, new int[] {1}))
          .withMessageContaining("row (1) must be 0 to 0");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.adopt(longer, new int[] {0}))
          .withMessageContaining("capacity (8) must be at least the 9 positions of row 0");
      LanguageSession closed = it.model.language().open(1, 8);
      closed.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> session.adopt(closed, new int[] {0}))
          .withMessageContaining("closed");
      assertThat(session.rows()).isEqualTo(1);
      session.append(NO_IMAGE, new int[][] {{30}}, logits);
      tolerance().check("nothing was lost", fresh(cat, START, 30), row(logits, 0));
    }
  }

  @Test
  void refusesRowsOfAnEncoderThatHasNotRead() {
    try (Loaded own =
        new Loaded(backend(), Fixtures.directory("tiny-t5"), it.golden, cache, execution())) {
      float[] logits = new float[own.checkpoint.config().text().vocabularySize()];
      try (LanguageSession begun = own.model.language().open(1, 8);
          LanguageSession empty = own.model.language().open(1, 8)) {
        begun.append(own.features("gray.png"), new int[][] {{5, TinyT5.END}}, logits);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> begun.adopt(empty, new int[] {0}))
            .withMessageContaining("one that has not begun");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> empty.adopt(begun, new int[] {0}))
            .withMessageContaining("one that has not begun");
      }
    }
  }
}
