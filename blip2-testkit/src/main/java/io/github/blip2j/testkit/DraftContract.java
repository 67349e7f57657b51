package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.spi.Execution;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * What a backend must do that loads a draft beside the model: every token is still the reference's,
 * and some of them were guessed. Demands: {@link io.github.blip2j.spi.Backend#drafts} has INT4.
 */
public abstract class DraftContract extends BackendContract {
  @Override
  protected Execution execution() {
    return new Execution(
        Device.CPU,
        2,
        WeightLayout.PACKED,
        Precisions.of(Precision.FLOAT32),
        Optional.of(Precision.INT4));
  }

  @Test
  void theDraftIsOffered() {
    assertThat(backend().drafts(Device.CPU)).contains(Precision.INT4);
  }

  /** Else it was not the draft that was tested. */
  @Override
  @AfterAll
  void closeAll() {
    DraftStatistics guesses = guesses();
    super.closeAll();
    assertThat(guesses.accepted()).isPositive();
    assertThat(guesses.guessed()).isGreaterThan(guesses.accepted());
  }
}
