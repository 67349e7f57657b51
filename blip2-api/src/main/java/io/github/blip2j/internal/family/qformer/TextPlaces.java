package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;

/**
 * Where tokens stand (B,T) behind the queries, which have no places of their own. What fills up
 * short rows is given places that the table has.
 *
 * @param queries Q
 * @param most tokens of a text
 */
record TextPlaces(int queries, int most) implements DecoderProgram.Places {
  @Override
  public Stage.Input input() {
    return Stage.Input.integers("position_ids", Axis.BATCH, Axis.any("T"));
  }

  @Override
  public HostTensor values(StepPlan step) {
    long[] places = new long[step.rows() * step.width()];
    for (int i = 0; i < places.length; i++) {
      int row = i / step.width();
      int vector = step.features() + i % step.width();
      long place = step.positionIds()[row * step.span() + vector];
      places[i] = Math.max(queries, Math.min(queries + most - 1, place));
    }
    return new HostTensor.Integers(places, step.rows(), step.width());
  }

  @Override
  public <T> T newest(Ops<T> ops) {
    return ops.newestPosition();
  }
}
