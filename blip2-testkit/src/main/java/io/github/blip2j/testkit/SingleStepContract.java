package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.SteppingSession;
import org.junit.jupiter.api.Test;

/**
 * What a backend must say whose sessions take one step a call. Demands: {@link
 * io.github.blip2j.spi.LanguageModel#stepping} is empty; else it meets {@link LookaheadContract}.
 */
public abstract class SingleStepContract extends TinyOptContract {
  @Test
  void noStepsAheadAreOffered() {
    assertThat(it.model.language().stepping()).isEmpty();
    try (LanguageSession session = it.model.language().open(2, 16)) {
      assertThat(session).isNotInstanceOf(SteppingSession.class);
    }
  }
}
