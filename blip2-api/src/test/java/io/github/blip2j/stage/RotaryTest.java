package io.github.blip2j.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Angles of rotary positions, worked by hand. */
class RotaryTest {
  @Test
  void frequenciesFallFromOneToNearTheBase() {
    // base^(-2j/d): 10000^0, 10000^(-1/2)
    assertThat(new Rotary(4, 10_000, 1).frequencies()).containsExactly(1, 0.01f);
    // 16^(-0/8), 16^(-2/8), 16^(-4/8), 16^(-6/8)
    assertThat(new Rotary(8, 16, 1).frequencies())
        .containsExactly(new float[] {1, 0.5f, 0.25f, 0.125f}, within(1e-7f));
  }

  @Test
  void aFactorStretchesThePositions() {
    assertThat(new Rotary(4, 10_000, 4).frequencies()).containsExactly(0.25f, 0.0025f);
  }

  @Test
  void whatHasNoAnglesIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rotary(5, 10_000, 1))
        .withMessage("headWidth (5) must be even");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rotary(4, Double.NaN, 1))
        .withMessage("base (NaN) must be above 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rotary(4, 10_000, 0))
        .withMessage("factor (0.0) must be at least 1");
  }
}
