package io.github.blip2j.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Precision;
import io.github.blip2j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

class ProgramWeightsTest {
  /** tiny-opt: three blocks of 40 × (4 · 40 + 2 · 104), and a head of 448 × 40, tied. */
  @Test
  void linearLayersAreCountedInTheirPrecision() {
    ModelProgram program = Checkpoint.open(Fixtures.directory("tiny-opt")).program();
    long elements = 3 * 40 * (4 * 40 + 2 * 104) + 448 * 40;
    assertThat(program.language().weights().linearBytes(Precision.FLOAT32)).isEqualTo(4 * elements);
    assertThat(program.language().weights().linearBytes(Precision.INT4_BLOCK32))
        .isEqualTo((long) (0.625 * (elements - 448 * 40)) + (long) (0.625 * 448 * 40));
    long vision = 3L * (24 * 72 + 24 * 24 + 2 * 24 * 56);
    assertThat(program.vision().weights().linearBytes(Precision.FLOAT16)).isEqualTo(2 * vision);
  }
}
