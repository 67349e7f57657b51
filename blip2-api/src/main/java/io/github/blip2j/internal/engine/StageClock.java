package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.StageTimings;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** Wall-clock time of one call by stage. For one thread. */
final class StageClock {
  /** What is timed. */
  enum Stage {
    PREPROCESSING,
    VISION,
    QFORMER,
    PREFILL,
    DECODE
  }

  private final Map<Stage, Duration> spent = new EnumMap<>(Stage.class);

  <R> R time(Stage stage, Supplier<R> work) {
    long start = System.nanoTime();
    try {
      return work.get();
    } finally {
      spent(stage, System.nanoTime() - start);
    }
  }

  void spent(Stage stage, long nanos) {
    spent.merge(stage, Duration.ofNanos(nanos), Duration::plus);
  }

  StageTimings timings() {
    return new StageTimings(
        of(Stage.PREPROCESSING),
        of(Stage.VISION),
        of(Stage.QFORMER),
        of(Stage.PREFILL),
        of(Stage.DECODE));
  }

  private Duration of(Stage stage) {
    return spent.getOrDefault(stage, Duration.ZERO);
  }
}
