package io.github.blip2j.spi;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import java.util.Optional;

/**
 * How a model is to run.
 *
 * @param device where; never {@code auto}
 * @param threads of one forward pass on a CPU; at least 1
 * @param layout of float32 weights on a CPU; a backend for which it makes no difference may ignore
 *     it
 * @param precisions of the stages; a backend refuses what it has no kernel for
 * @param draft precision of a second language model that guesses, one of {@link Backend#drafts}
 */
public record Execution(
    Device device,
    int threads,
    WeightLayout layout,
    Precisions precisions,
    Optional<Precision> draft) {

  /** Checks the number of threads. */
  public Execution {
    if (threads < 1) {
      throw new IllegalArgumentException("threads (" + threads + ") must be at least 1");
    }
  }

  /**
   * The same in other precisions.
   *
   * @param others of the stages
   * @return what is to run so
   */
  public Execution with(Precisions others) {
    return new Execution(device, threads, layout, others, draft);
  }

  /**
   * Without a draft.
   *
   * @param device where; never {@code auto}
   * @param threads of one forward pass on a CPU; at least 1
   * @param layout of float32 weights on a CPU
   * @param precisions of the stages
   */
  public Execution(Device device, int threads, WeightLayout layout, Precisions precisions) {
    this(device, threads, layout, precisions, Optional.empty());
  }

  /**
   * In float32.
   *
   * @param device where; never {@code auto}
   * @param threads of one forward pass on a CPU; at least 1
   * @param layout of float32 weights on a CPU
   */
  public Execution(Device device, int threads, WeightLayout layout) {
    this(device, threads, layout, Precisions.of(Precision.FLOAT32));
  }
}
