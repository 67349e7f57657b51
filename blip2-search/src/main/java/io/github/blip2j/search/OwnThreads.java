package io.github.blip2j.search;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs work in threads that nobody interrupts, as many as callers wait at once: an interrupt in the
 * middle of a read or write closes the file under Lucene, for all threads and for good. Callers
 * wait to the end of their work, whatever happens, and stay interrupted. Safe for many threads.
 */
final class OwnThreads implements AutoCloseable {
  private static final int SECONDS_IDLE = 5;

  private final ExecutorService pool =
      new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, SECONDS_IDLE, TimeUnit.SECONDS, new SynchronousQueue<>(), Own::new);

  private final class Own extends Thread {
    Own(Runnable work) {
      super(work, "blip2 index");
      setDaemon(true);
      setContextClassLoader(OwnThreads.class.getClassLoader());
    }

    boolean of(OwnThreads threads) {
      return threads == OwnThreads.this;
    }
  }

  /** Whether the calling thread is one of these, so that somebody waits for what it does. */
  boolean isOwn() {
    return Thread.currentThread() instanceof Own own && own.of(this);
  }

  /**
   * Runs work.
   *
   * @throws ExecutionException with whatever the work threw
   */
  <R> R run(Callable<R> work) throws ExecutionException {
    Future<R> future = pool.submit(work);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
