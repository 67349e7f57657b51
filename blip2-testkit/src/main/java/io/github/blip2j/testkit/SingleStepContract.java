package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.spi.FurtherSteps;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.TokenChoice;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a backend must say whose sessions take one step a call. Demands: {@link
 * io.github.blip2j.spi.LanguageModel#stepsAhead} is 0; else it meets {@link LookaheadContract}.
 */
public abstract class SingleStepContract extends TinyOptContract {
  @Test
  void stepsAheadAreRefused() {
    float[] logits = new float[2 * 4 * vocabulary];
    FurtherSteps three = new FurtherSteps(3, List.of(TokenChoice.LIKELIEST, TokenChoice.LIKELIEST));
    assertThat(it.model.language().stepsAhead()).isZero();
    try (LanguageSession session = it.model.language().open(2, 16)) {
      assertThatThrownBy(
              () -> session.appendAhead(both(), new int[][] {{START}, {3}}, three, logits))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }
}
