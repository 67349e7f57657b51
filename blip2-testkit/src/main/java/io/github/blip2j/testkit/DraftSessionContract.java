package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.QUERIES;
import static io.github.blip2j.testkit.TinyOpt.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.DraftingSession;
import io.github.blip2j.spi.Execution;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What the sessions of a backend must do that loads a draft, and how they refuse. Demands: {@link
 * io.github.blip2j.spi.Backend#drafts} has INT4.
 */
public abstract class DraftSessionContract extends TinyOptContract {
  @Override
  protected Execution execution() {
    return new Execution(
        Device.CPU,
        2,
        WeightLayout.MAPPED,
        Precisions.of(Precision.FLOAT32),
        Optional.of(Precision.INT4));
  }

  /** Also in a fork, which has the draft too. */
  @Test
  void guessesAreTakenBackWithoutATrace() {
    float[] logits = new float[3 * vocabulary];
    try (DraftingSession session = it.model.language().drafting().orElseThrow().open(1, ROOMY)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.guess(START, logits))
          .withMessageContaining("1 row that has begun");
      session.append(cat, new int[][] {{START, 30}}, logits);
      try (DraftingSession fork = session.fork(new int[] {0}, ROOMY)) {
        fork.guess(31, logits);
        fork.guess(32, logits);
        assertThat(fork.length(0)).isEqualTo(QUERIES + 4);
        assertThat(logits).doesNotContain(Float.NaN);
        fork.truncate(QUERIES + 2);
        fork.appendEach(new int[] {31, 33}, logits);
        tolerance().check("first", fresh(cat, START, 30, 31), row(logits, 0));
        tolerance().check("second", fresh(cat, START, 30, 31, 33), row(logits, 1));
      }
    }
  }
}
