package io.github.blip2j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a backend is given has been checked, and unequal texts have been padded. */
class BatchesTest {
  private static final int VOCABULARY = 10;
  private static final int LONGEST = 4;
  private static final TextBounds CONFIG = new TextBounds(VOCABULARY, LONGEST);

  @Test
  void textsArePaddedAtTheirEndBehindTheirFront() {
    TextRows rows = TextRows.of(CONFIG, new int[][] {{5, 6, 7}, {8}}, 2);
    assertThat(rows.rows()).isEqualTo(2);
    assertThat(rows.width()).isEqualTo(3);
    assertThat(rows.ids()).containsExactly(5, 6, 7, 8, 0, 0);
    assertThat(rows.positionIds()).containsExactly(0, 1, 2, 0, 1, 2);
    assertThat(rows.mask()).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
    assertThat(TextRows.of(CONFIG, new int[][] {{5}}, 0).mask()).containsExactly(1);
  }

  @Test
  void textsThatDoNotFitAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextRows.of(CONFIG, new int[0][], 0))
        .withMessage("texts (0) must be at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextRows.of(CONFIG, new int[][] {{5}, {}}, 0))
        .withMessage("text 1: expected 1 to 4 tokens, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextRows.of(CONFIG, new int[][] {new int[LONGEST + 1]}, 0))
        .withMessage("text 0: expected 1 to 4 tokens, found 5");
    for (int id : new int[] {-1, VOCABULARY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TextRows.of(CONFIG, new int[][] {{5}, {5, id}}, 0))
          .withMessage("text 1: expected ids below 10, found " + id);
    }
  }

  @Test
  void furtherStepsHaveADrawEach() {
    TokenChoice two = new TokenChoice(1, 0, 1, new double[] {0.25, 0.5});
    assertThat(new FurtherSteps(2, List.of(two, TokenChoice.LIKELIEST)).choices()).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FurtherSteps(3, List.of(TokenChoice.LIKELIEST, two)))
        .withMessage("draws: expected one for each of 3 further steps, found 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FurtherSteps(0, List.of(two)))
        .withMessage("further steps: expected at least 1, found 0");
  }

  @Test
  void anExecutionIsInFloat32WithoutADraftUnlessItSaysSo() {
    Execution plain = new Execution(Device.CPU, 2, WeightLayout.MAPPED);
    assertThat(plain.precisions()).isEqualTo(Precisions.of(Precision.FLOAT32));
    assertThat(plain.draft()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Execution(Device.CPU, 0, WeightLayout.MAPPED))
        .withMessage("threads (0) must be at least 1");
  }
}
