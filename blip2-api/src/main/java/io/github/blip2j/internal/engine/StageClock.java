package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.StageTimings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Wall-clock time of one call by stage, of which a listener is told too. For one thread. */
final class StageClock {
  private final InferenceListener listener;
  private final Map<ModelStage, Duration> spent = new EnumMap<>(ModelStage.class);
  private final Queue<Told> untold = new ArrayDeque<>();
  private boolean silent;

  /** What the listener is told later. */
  private record Told(ModelStage stage, Duration took) {}

  StageClock(InferenceListener listener) {
    this.listener = listener;
  }

  /** Does work of a stage. What it throws counts for more than what the listener throws. */
  <R> R time(ModelStage stage, Supplier<R> work) {
    return open(stage, work, result -> {});
  }

  /**
   * Does work whose result is to be closed.
   *
   * @param close is given the result if the listener throws, since nobody else gets it then
   */
  <R> R open(ModelStage stage, Supplier<R> work, Consumer<R> close) {
    long start = System.nanoTime();
    R result;
    try {
      result = work.get();
    } catch (RuntimeException | Error e) {
      instead(e, () -> spent(stage, System.nanoTime() - start));
      throw e;
    }
    try {
      spent(stage, System.nanoTime() - start);
    } catch (RuntimeException | Error e) {
      instead(e, () -> close.accept(result));
      throw e;
    }
    return result;
  }

  /** Does what is left to do though something has been thrown already. */
  private static void instead(Throwable thrown, Runnable rest) {
    try {
      rest.run();
    } catch (RuntimeException | Error e) {
      if (e != thrown) {
        thrown.addSuppressed(e);
      }
    }
  }

  void spent(ModelStage stage, long nanos) {
    Duration took = Duration.ofNanos(nanos);
    spent.merge(stage, took, Duration::plus);
    untold.add(new Told(stage, took));
    if (!silent) {
      tell();
    }
  }

  private void tell() {
    silent = false;
    for (Told next = untold.poll(); next != null; next = untold.poll()) {
      listener.ran(next.stage(), next.took());
    }
  }

  /** Does work for which others wait: the listener is told of its stages when it is done. */
  <R> R silently(Supplier<R> work) {
    silent = true;
    R result;
    try {
      result = work.get();
    } catch (RuntimeException | Error e) {
      instead(e, this::tell);
      throw e;
    }
    tell();
    return result;
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
