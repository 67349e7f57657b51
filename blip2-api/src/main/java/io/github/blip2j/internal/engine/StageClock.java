package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.StageTimings;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** Wall-clock time of one call by stage, of which a listener is told too. For one thread. */
final class StageClock {
  private final InferenceListener listener;
  private final Map<ModelStage, Duration> spent = new EnumMap<>(ModelStage.class);

  StageClock(InferenceListener listener) {
    this.listener = listener;
  }

  <R> R time(ModelStage stage, Supplier<R> work) {
    long start = System.nanoTime();
    try {
      return work.get();
    } finally {
      spent(stage, System.nanoTime() - start);
    }
  }

  void spent(ModelStage stage, long nanos) {
    Duration took = Duration.ofNanos(nanos);
    spent.merge(stage, took, Duration::plus);
    listener.ran(stage, took);
  }

  StageTimings timings() {
    return new StageTimings(
        of(ModelStage.PREPROCESSING),
        of(ModelStage.VISION),
        of(ModelStage.QFORMER),
        of(ModelStage.PREFILL),
        of(ModelStage.DECODE));
  }

  private Duration of(ModelStage stage) {
    return spent.getOrDefault(stage, Duration.ZERO);
  }
}
