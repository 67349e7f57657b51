package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a proposer goes ahead, and how long it rests after going for nothing. */
class PaceTest {
  private static final int LONGEST = 8;

  private final Pace pace = new Pace(4, LONGEST);

  /** Steps until the next one that is not taken alone. */
  private int rests() {
    int rests = 0;
    while (pace.rests()) {
      rests++;
    }
    return rests;
  }

  @Test
  void itGoesAheadUntilThatWasForNothing() {
    assertThat(pace.count()).isEqualTo(4);
    assertThat(rests()).isZero();
    pace.count(7);
    assertThat(pace.count()).isEqualTo(7);
  }

  @Test
  void restsGrowEachTimeUpToTheLongest() {
    List<Integer> rests = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      pace.leaveOff();
      rests.add(rests());
    }
    assertThat(rests).containsExactly(1, 2, 4, LONGEST, LONGEST, LONGEST);
  }

  @Test
  void whatWasWorthSomethingMakesRestsShortAgain() {
    pace.leaveOff();
    rests();
    pace.leaveOff();
    rests();
    pace.goOn();
    pace.leaveOff();
    assertThat(rests()).isEqualTo(1);
  }

  @Test
  void itFollowsAnotherOneAndThenGoesItsOwnWay() {
    Pace other = new Pace(9, LONGEST);
    other.leaveOff();
    other.rests();
    other.leaveOff(); // two steps of rest, four the next time
    pace.follow(other);
    assertThat(pace.count()).isEqualTo(9);
    assertThat(rests()).isEqualTo(2);
    pace.leaveOff();
    assertThat(rests()).isEqualTo(4);
    assertThat(other.rests()).as("the other one still rests").isTrue();
  }
}
