package io.github.blip2j.internal.session;

/** Counts a model's open sessions; a model does not close under one. Safe for many threads. */
public final class SessionCount {
  private int open;
  private boolean closed;

  /**
   * A session opens.
   *
   * @throws IllegalStateException if the model has been closed
   */
  public synchronized void opened() {
    if (closed) {
      throw new IllegalStateException("the model must be open, but it has been closed");
    }
    open++;
  }

  /** A session has been closed. */
  public synchronized void closed() {
    open--;
  }

  /**
   * The model closes.
   *
   * @throws IllegalStateException if a session is open
   */
  public synchronized void close() {
    if (open > 0) {
      throw new IllegalStateException(
          "a model closes after its sessions, but " + open + " of them are open");
    }
    closed = true;
  }
}
