package io.github.blip2j.internal.engine;

import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.InferenceListener;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * How many calls that write may be under way at once: those whose rows share steps, and those that
 * wait for them. One more is refused. Safe for many threads.
 */
final class Admission {
  private final int maxRows;
  private final int maxWaiting;
  private final InferenceListener listener;
  private final Runnable forgotten;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * Admits so many.
   *
   * @param forgotten ends the calls that nobody holds any more
   */
  Admission(int maxRows, int maxWaiting, InferenceListener listener, Runnable forgotten) {
    this.maxRows = maxRows;
    this.maxWaiting = maxWaiting;
    this.listener = listener;
    this.forgotten = forgotten;
  }

  /** Whoever comes is admitted. */
  static Admission unlimited() {
    return new Admission(Integer.MAX_VALUE, 0, InferenceListener.NONE, () -> {});
  }

  /**
   * Begins a call, which {@link #leave} ends.
   *
   * @throws OverloadedException if there are too many
   */
  void enter() {
    int most = maxRows > Integer.MAX_VALUE - maxWaiting ? Integer.MAX_VALUE : maxRows + maxWaiting;
    boolean room = begins(most);
    if (!room) {
      forgotten.run();
      room = begins(most);
    }
    if (!room) {
      listener.refused();
      throw new OverloadedException(
          String.format(
              Locale.ROOT,
              "expected at most %d texts under way (%d rows that share steps and %d that wait),"
                  + " found one more; ask again later, or raise Blip2Builder.concurrency",
              most,
              maxRows,
              maxWaiting));
    }
  }

  private boolean begins(int most) {
    return underWay.getAndUpdate(calls -> calls < most ? calls + 1 : calls) < most;
  }

  /** Ends a call. */
  void leave() {
    underWay.decrementAndGet();
  }

  /** Runs a call. */
  <R> R during(Supplier<R> call) {
    enter();
    try {
      return call.get();
    } finally {
      leave();
    }
  }

  /**
   * Runs a call that goes on behind it, until someone leaves for it; if it fails it has ended.
   *
   * @throws OverloadedException if there are too many
   */
  <R> R begin(Supplier<R> call) {
    enter();
    try {
      return call.get();
    } catch (RuntimeException | Error e) {
      leave();
      throw e;
    }
  }
}
