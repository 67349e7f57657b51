package io.github.blip2j.internal.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Counts the calls under way, so that closing waits for them and later calls are refused. Safe for
 * many threads.
 */
final class OpenCalls {
  private final Map<Thread, Integer> open = new HashMap<>(); // calls of each thread
  private boolean closed;

  synchronized void enter() {
    if (closed) {
      throw new IllegalStateException("this Blip2 must be open, but it has been closed");
    }
    open.merge(Thread.currentThread(), 1, Integer::sum);
  }

  synchronized void leave() {
    open.computeIfPresent(Thread.currentThread(), (thread, calls) -> calls == 1 ? null : calls - 1);
    notifyAll();
  }

  /**
   * Refuses new calls.
   *
   * @throws IllegalStateException if the current thread is inside a call: it would wait for itself
   */
  synchronized void refuse() {
    if (open.containsKey(Thread.currentThread())) {
      throw new IllegalStateException("a Blip2 must not be closed from within one of its calls");
    }
    closed = true;
  }

  /** Runs something as a call. */
  <R> R during(Supplier<R> task) {
    enter();
    try {
      return task.get();
    } finally {
      leave();
    }
  }

  /** Waits for the calls under way. An interrupt does not end the waiting; it is kept. */
  synchronized void await() {
    boolean interrupted = false;
    while (!open.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
