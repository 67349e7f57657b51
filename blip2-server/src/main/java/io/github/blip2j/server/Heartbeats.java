package io.github.blip2j.server;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Calls at regular times, for streams on which nothing happens. */
final class Heartbeats implements AutoCloseable {
  private static final int THREADS = 2; // one may be in a write that waits

  private final ScheduledThreadPoolExecutor timer;
  private final Duration interval;

  Heartbeats(Duration interval) {
    this.interval = interval;
    timer =
        new ScheduledThreadPoolExecutor(
            THREADS,
            work -> {
              Thread thread = new Thread(work, "blip2-server-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Calls until the future is cancelled. */
  Future<?> start(Runnable beat) {
    long nanos = interval.toNanos();
    return timer.scheduleWithFixedDelay(beat, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
