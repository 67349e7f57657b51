package io.github.blip2j.internal.family.bloom;

import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;

/** BLOOM is told how far each key lies behind each new vector, (B,F+T,total). */
record KeyDistances() implements DecoderProgram.Places {
  @Override
  public Stage.Input input() {
    return Stage.Input.integers("distances", Axis.BATCH, Axis.any("S"), Axis.any("total"));
  }

  @Override
  public HostTensor values(StepPlan step) {
    return new HostTensor.Integers(distances(step), step.rows(), step.span(), step.total());
  }

  /** How far each key lies behind each new position; the ones in front of it are negative. */
  static long[] distances(StepPlan step) {
    long[] distances = new long[step.positionIds().length * step.total()];
    int at = 0;
    for (long position : step.positionIds()) {
      for (int key = 0; key < step.total(); key++) {
        distances[at++] = position - key;
      }
    }
    return distances;
  }

  @Override
  public <T> T newest(Ops<T> ops) {
    return ops.keyDistances();
  }
}
