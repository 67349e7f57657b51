package io.github.blip2j;

/**
 * Counts the calls under way, so that closing waits for them and later calls are refused. Safe for
 * many threads.
 */
final class OpenCalls {
  private int open;
  private int streams;
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

  synchronized void streamOpened() {
    streams++;
  }

  synchronized void streamClosed() {
    streams--;
  }

  /**
   * Refuses new calls and waits for those under way.
   *
   * @return whether this was the first time
   * @throws IllegalStateException if a stream is open: waiting for it could be for ever
   */
  synchronized boolean closeAndWait() {
    if (streams > 0) {
      throw new IllegalStateException(
          "a Blip2 closes after its generations and conversations, but "
              + streams
              + " of them are open");
    }
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
    if (first && streams > 0) { // opened by a call that was under way
      closed = false;
      throw new IllegalStateException(
          "a Blip2 closes after its generations and conversations, but "
              + streams
              + " of them are open");
    }
    return first;
  }
}
