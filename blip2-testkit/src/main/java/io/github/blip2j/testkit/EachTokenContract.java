package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.QUERIES;
import static io.github.blip2j.testkit.TinyOpt.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.spi.DraftingSession;
import io.github.blip2j.spi.LanguageSession;
import org.junit.jupiter.api.Test;

/**
 * What sessions of every backend must do that are asked for the logits after each of several
 * tokens, as verifying a draft's guesses takes.
 */
public abstract class EachTokenContract extends TinyOptContract {
  @Test
  void logitsAfterEachTokenAreThoseOneByOne() {
    float[] logits = new float[3 * vocabulary];
    try (LanguageSession session = it.model.language().open(1, ROOMY)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendEach(new int[] {START}, logits))
          .withMessageContaining("1 row that has begun");
      session.append(cat, new int[][] {{START, 30}}, logits);
      session.appendEach(new int[] {31, 32, 33}, logits);
      tolerance().check("first", fresh(cat, START, 30, 31), row(logits, 0));
      tolerance().check("second", fresh(cat, START, 30, 31, 32), row(logits, 1));
      tolerance().check("third", fresh(cat, START, 30, 31, 32, 33), row(logits, 2));
      session.truncate(QUERIES + 3);
      session.append(NO_PICTURE, new int[][] {{34}}, logits);
      tolerance().check("taken back", fresh(cat, START, 30, 31, 34), row(logits, 0));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendEach(new int[] {1, 2, 3, 4}, logits))
          .withMessageContaining(Integer.toString(4 * vocabulary));
      assertThat(session).isNotInstanceOf(DraftingSession.class); // no draft was loaded
      assertThat(it.model.language().drafting()).isEmpty();
    }
  }
}
