package io.github.blip2j.cli;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * Work of many threads whose results come one by one, in the order in which the work was given: a
 * result is handed on as soon as all before it were. For one thread that gives work.
 *
 * @param <T> a result
 */
final class InOrder<T> implements AutoCloseable {
  private static final int AHEAD = 4; // as many results may wait for an earlier one, times threads

  private final ExecutorService workers;
  private final BlockingQueue<FutureTask<T>> given;
  private final FutureTask<T> end = new FutureTask<>(() -> {}, null);
  private final Consumer<T> sink;
  private final FutureTask<Void> handing;

  /**
   * Starts the threads.
   *
   * @param threads that work
   * @param sink is given each result, by a thread of its own
   */
  InOrder(int threads, Consumer<T> sink) {
    this.sink = sink;
    given = new ArrayBlockingQueue<>(AHEAD * threads);
    workers = Executors.newFixedThreadPool(threads, work -> new Thread(work, "blip2-batch"));
    handing = new FutureTask<>(this::handOn, null);
    new Thread(handing, "blip2-batch-results").start();
  }

  /**
   * Gives work; waits while too much of it is under way.
   *
   * @throws IllegalStateException if the sink failed, or the thread is interrupted
   */
  void give(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    put(task);
    workers.execute(task);
  }

  private void put(FutureTask<T> task) {
    try {
      while (!given.offer(task, 100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        if (handing.isDone()) {
          finish(); // says why nobody takes results
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while results were waited for", e);
    }
  }

  private void handOn() {
    try {
      for (FutureTask<T> next = given.take(); next != end; next = given.take()) {
        sink.accept(next.get());
      }
    } catch (InterruptedException | CancellationException e) {
      Thread.currentThread().interrupt(); // closed before the end
    } catch (ExecutionException e) {
      throw thrown(e);
    }
  }

  /**
   * Waits until every result has been handed on.
   *
   * @throws RuntimeException what work or the sink threw
   */
  void finish() {
    if (!handing.isDone()) {
      put(end);
    }
    try {
      handing.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while results were waited for", e);
    } catch (ExecutionException e) {
      throw thrown(e);
    }
  }

  private static RuntimeException thrown(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
  }

  /** Ends the threads; work that nobody waits for any more is interrupted. */
  @Override
  public void close() {
    workers.shutdownNow().forEach(task -> ((FutureTask<?>) task).cancel(true));
    handing.cancel(true);
  }
}
