package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.family.TextConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows of places that a leader moves in and out, against the sessions that they would have had. */
class SharedRowsTest {
  private static final int VOCABULARY = 200;
  private static final int POSITIONS = 150;
  private static final String NO_MEMORY = "no memory, says the test";
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, POSITIONS);

  private final ScriptedModel model =
      new ScriptedModel(Script.counting(VOCABULARY, 5, 0, 0), VOCABULARY, 0);
  private final SharedRows rows = new SharedRows(CONFIG);

  /** A text whose rows hold a token each. */
  private Place place(int capacity, int... tokens) {
    ScriptedSession session = model.open(tokens.length, capacity);
    int[][] each = new int[tokens.length][];
    for (int row = 0; row < each.length; row++) {
      each[row] = new int[] {tokens[row]};
    }
    session.append(new float[0], each, new float[tokens.length * VOCABULARY]);
    return new Place(new Proposer.None(session), capacity, this);
  }

  /** A step in which each row of a place is appended its token. */
  private void step(Place place, int... tokens) {
    place.tokens = new int[tokens.length][];
    for (int row = 0; row < tokens.length; row++) {
      place.tokens[row] = new int[] {tokens[row]};
    }
    place.logits = new float[tokens.length * VOCABULARY];
  }

  private static int likeliest(Place place, int row) {
    float[] logits = new float[VOCABULARY];
    System.arraycopy(place.logits, row * VOCABULARY, logits, 0, VOCABULARY);
    return Distribution.best(logits);
  }

  @Test
  void eachPlaceIsGivenItsOwnLogits() {
    Place one = place(20, 10);
    Place two = place(20, 30, 40);
    rows.add(List.of(one, two));
    assertThat(one.isShared()).isTrue();
    assertThat(two.rows()).isEqualTo(2);
    step(one, 11);
    step(two, 31, 41);
    rows.step();
    assertThat(likeliest(one, 0)).isEqualTo(12);
    assertThat(likeliest(two, 0)).isEqualTo(32);
    assertThat(likeliest(two, 1)).isEqualTo(42);
    assertThat(one.length(0)).isEqualTo(2);
    assertThat(one.steps).isEqualTo(1);
    assertThat(model.calls).contains("append [[11], [31], [41]]");
  }

  @Test
  void whoFindsNoMemoryKeepsItsOwnSession() {
    Place one = place(20, 10);
    Place two = place(20, 30, 40);
    Place three = place(20, 50);
    model.fitting = 2;
    assertThat(rows.add(List.of(one, two, three))).containsExactly(two, three);
    assertThat(rows.present()).containsExactly(one);
    assertThat(two.isShared()).isFalse();
    assertThat(rows.add(List.of(three))).isEmpty();
    model.fitting = 0;
    assertThat(rows.giveBack(one)).get().extracting(Throwable::getMessage).isEqualTo(NO_MEMORY);
    assertThat(one.isShared()).isTrue();
    rows.keep(List.of(three));
    step(three, 51);
    rows.step();
    assertThat(likeliest(three, 0)).isEqualTo(52);
  }

  /** Several leave at once, and those that stay have moved their rows meanwhile. */
  @Test
  void rowsAreFoundBehindThoseThatLeave() {
    Place one = place(20, 10);
    Place two = place(20, 30, 40);
    Place three = place(20, 50);
    Place four = place(20, 60, 70);
    rows.add(List.of(one, two, three, four));
    two.select(new int[] {1, 1, 0});
    four.select(new int[] {1});
    rows.giveBack(one);
    rows.giveBack(three);
    rows.keep(List.of(two, four));
    assertThat(model.calls).endsWith("fork [0]", "fork [3]", "select [2, 2, 1, 5]");
    assertThat(one.isShared()).isFalse();
    assertThat(one.own().session().length(0)).isEqualTo(1);
    step(two, 41, 42, 31);
    step(four, 71);
    rows.step();
    assertThat(likeliest(two, 1)).isEqualTo(43);
    assertThat(likeliest(four, 0)).isEqualTo(72);
    step(three, 51);
    rows.add(List.of(three));
    step(two, 42, 43, 32);
    step(four, 72);
    rows.step();
    assertThat(likeliest(three, 0)).isEqualTo(52);
    assertThat(likeliest(two, 2)).isEqualTo(33);
  }

  /** One that moves its rows and then leaves takes them as it wanted them. */
  @Test
  void rowsThatLeaveAreMovedFirst() {
    Place one = place(20, 10);
    Place two = place(20, 30, 40);
    rows.add(List.of(one, two));
    two.select(new int[] {1});
    rows.giveBack(two);
    rows.keep(List.of(one));
    assertThat(two.rows()).isEqualTo(1);
    two.own().session().close();
    assertThat(model.closed).endsWith(List.of(40));
  }

  @Test
  void theLastToLeaveClosesTheSession() {
    Place one = place(20, 10);
    rows.add(List.of(one));
    assertThat(rows.looksAhead()).isFalse();
    rows.giveBack(one);
    rows.keep(List.of());
    assertThat(rows.present()).isEmpty();
    assertThat(model.calls).endsWith("close");
    rows.add(List.of(one)); // and the next to come makes another
    assertThat(one.isShared()).isTrue();
    rows.close();
    rows.close();
  }

  @Test
  void capacityFollowsWhatIsThere() {
    Place small = place(20, 10);
    Place large = place(100, 30);
    assertThat(rows.capacity(List.of(small))).isEqualTo(64);
    assertThat(rows.capacity(List.of(small, large))).isEqualTo(128);
    assertThat(rows.capacity(List.of(place(POSITIONS, 5)))).isEqualTo(POSITIONS);
    rows.add(List.of(small));
    rows.add(List.of(large));
    assertThat(model.calls).as("a larger one").endsWith("fork [0]", "close", "adopt [0]", "close");
    rows.giveBack(large);
    rows.keep(List.of(small));
    rows.add(List.of(place(30, 7)));
    assertThat(model.calls).as("a smaller one").contains("fork [0]", "close", "adopt [0]");
    assertThat(small.length(0)).isEqualTo(1);
  }

  @Test
  void aPlaceThatHasFailedMovesNothing() {
    Place one = place(20, 10);
    rows.add(List.of(one));
    one.state = Place.State.WAITING;
    one.fail(new IllegalStateException("broken"));
    assertThat(one.state).isEqualTo(Place.State.GIVEN);
    one.select(new int[] {0});
    assertThat(one.rows()).isZero();
    one.close(); // has no session of its own
  }
}
