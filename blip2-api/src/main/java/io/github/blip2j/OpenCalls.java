package io.github.blip2j;

/**
 * Counts the calls under way, so that closing waits for them and later calls are refused. Safe for
 * many threads.
 */
final class OpenCalls {
  private int open;
  private boolean closed;

  synchronized void enter() {
    if (closed) {
      throw new IllegalStateException("this Blip2 must be open, but it has been closed");
    }
    open++;
  }

  synchronized void leave() {
    open--;
    notifyAll();
  }

  /**
   * Refuses new calls and waits for those under way.
   *
   * @return whether this was the first time
   */
  synchronized boolean closeAndWait() {
    boolean first = !closed;
    closed = true;
    boolean interrupted = false;
    while (first && open > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return first;
  }
}
