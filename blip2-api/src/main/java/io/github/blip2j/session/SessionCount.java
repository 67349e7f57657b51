package io.github.blip2j.session;

/** Counts a model's open sessions; a model does not close under one. Safe for many threads. */
public final class SessionCount {
  private int open;
  private boolean closed;

  /** Of a model that has just been opened. */
  public SessionCount() {}

  /** One session's place in the count. Closed once. */
  public final class Lease implements AutoCloseable {
    private Lease() {}

    /** The session has been closed. */
    @Override
    public void close() {
      closeOne();
    }
  }

  /**
   * A session opens.
   *
   * @return its place, which it gives back when it has closed
   * @throws IllegalStateException if the model has been closed
   */
  public synchronized Lease open() {
    if (closed) {
      throw new IllegalStateException("the model must be open, but it has been closed");
    }
    open++;
    return new Lease();
  }

  private synchronized void closeOne() {
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
