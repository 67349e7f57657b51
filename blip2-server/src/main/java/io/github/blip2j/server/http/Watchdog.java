package io.github.blip2j.server.http;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends reading and writing that take too long. Sockets of the JDK's server are interruptible
 * channels: an interrupt closes them, wherever the thread waits.
 */
final class Watchdog implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  Watchdog() {
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, "blip2-server-watchdog");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Interrupts this thread after a time, unless the watch is closed before. */
  Watch watch(Duration limit) {
    return new Watch(timer, limit);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** One piece of work that is watched; closed by the thread that does it. */
  static final class Watch implements AutoCloseable {
    private final Thread watched = Thread.currentThread();
    private final Future<?> alarm;
    private boolean done;
    private boolean fired;

    private Watch(ScheduledThreadPoolExecutor timer, Duration limit) {
      alarm = timer.schedule(this::fire, limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private synchronized void fire() {
      if (!done) {
        fired = true;
        watched.interrupt();
      }
    }

    /** Whether the time was up. */
    synchronized boolean fired() {
      return fired;
    }

    /** Ends the watch; the interrupt that was its own is taken back. */
    @Override
    public void close() {
      synchronized (this) {
        if (!done && fired) {
          Thread.interrupted();
        }
        done = true;
      }
      alarm.cancel(false);
    }
  }
}
