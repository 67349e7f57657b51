package io.github.blip2j.server.http;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read, serve and answer requests. Each is watched from its start until the
 * request's headers are there, since the JDK's server reads them in it.
 */
final class Workers implements Executor, AutoCloseable {
  private static final long IDLE_SECONDS = 30;

  private final ThreadPoolExecutor pool;
  private final Watchdog watchdog;
  private final Duration headers;
  private final Duration last;
  private final ThreadLocal<Watchdog.Watch> reading = new ThreadLocal<>();

  Workers(Transport transport, Watchdog watchdog) {
    this.watchdog = watchdog;
    headers = transport.headers();
    last = transport.last();
    int threads = transport.threads();
    AtomicInteger number = new AtomicInteger();
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "blip2-server-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable exchange) {
    pool.execute(
        () -> {
          try (Watchdog.Watch watch = watchdog.watch(headers)) {
            reading.set(watch);
            exchange.run();
          } finally {
            reading.remove();
            Thread.interrupted(); // the next request is another's
          }
        });
  }

  /** The headers of this thread's request are there. */
  void headersRead() {
    reading.get().close();
  }

  /**
   * Interrupts what is still under way, and waits for it.
   *
   * @throws IllegalStateException if it has not ended after the last time
   */
  @Override
  public void close() {
    pool.shutdownNow();
    try {
      if (!pool.awaitTermination(last.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IllegalStateException(
            "requests ("
                + pool.getActiveCount()
                + ") must end within "
                + last
                + " when they are interrupted");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
