package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.internal.decoding.Patience;
import java.time.Duration;
import java.util.List;

/**
 * How long a call that writes waits before its first token: until it is interrupted, or all its
 * texts have waited as long as they may take. What it computes meanwhile is no waiting. For one
 * thread.
 */
final class CallPatience implements Patience {
  private final long most; // Long.MAX_VALUE without a limit
  private long waited; // before the wait under way
  private boolean waits;
  private long since; // it waits

  CallPatience(List<GenerationOptions> texts) {
    this.most = texts.stream().mapToLong(CallPatience::nanos).max().orElse(Long.MAX_VALUE);
  }

  private static long nanos(GenerationOptions options) {
    Duration longest = Duration.ofNanos(Long.MAX_VALUE);
    return options
        .maxTime()
        .map(t -> t.compareTo(longest) < 0 ? t.toNanos() : Long.MAX_VALUE)
        .orElse(Long.MAX_VALUE);
  }

  @Override
  public boolean ends() {
    return Thread.currentThread().isInterrupted() || left() <= 0;
  }

  @Override
  public long left() {
    return most == Long.MAX_VALUE ? most : most - waited - current();
  }

  private long current() {
    return waits ? System.nanoTime() - since : 0;
  }

  @Override
  public void waits() {
    since = System.nanoTime();
    waits = true;
  }

  @Override
  public void waited(long nanos) {
    waits = false;
    waited += nanos;
  }

  /** Nanoseconds that it has waited for its turn. */
  long waited() {
    return waited;
  }

  /** Why it has ended. */
  FinishReason reason() {
    return Thread.currentThread().isInterrupted() ? FinishReason.CANCELLED : FinishReason.DEADLINE;
  }
}
