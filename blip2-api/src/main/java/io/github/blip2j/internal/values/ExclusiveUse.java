package io.github.blip2j.internal.values;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Guards something that one thread at a time may use and any thread may close at any moment. A use
 * while another is under way is refused. Closing waits for the use under way and then releases;
 * where that use is the closing thread's own, its end releases. So nothing native is freed under a
 * thread that reads it. Safe for many threads.
 */
public final class ExclusiveUse {
  private final String name;
  private final Runnable release;
  private @Nullable Thread user;
  private boolean closed;
  private boolean userReleases;
  private boolean released;

  /**
   * Guards.
   *
   * @param name of what is guarded, for messages, such as {@code this session}
   * @param release frees it; is run once, when nobody uses it and nobody can any more
   */
  public ExclusiveUse(String name, Runnable release) {
    this.name = name;
    this.release = release;
  }

  /**
   * Begins a use, which {@link #leave} ends.
   *
   * @throws IllegalStateException if it has been closed, or is in use
   */
  public synchronized void enter() {
    if (closed) {
      throw new IllegalStateException(name + " must be open, but it has been closed");
    }
    if (user != null) {
      throw new IllegalStateException(
          name + " is for one thread at a time, but thread " + user.getName() + " is using it");
    }
    user = Thread.currentThread();
  }

  /** Ends this thread's use. */
  public void leave() {
    boolean releases;
    synchronized (this) {
      user = null;
      releases = userReleases;
      notifyAll();
    }
    if (releases) {
      release();
    }
  }

  /** Whether the current thread is using it. */
  public synchronized boolean isUsedHere() {
    return user == Thread.currentThread();
  }

  /** Whether it has been closed, be it released already or not. */
  public synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Refuses further uses; when this returns it has been released, unless this thread is using it.
   * Again, it does nothing. An interrupt does not end the waiting; it is kept.
   */
  public void close() {
    synchronized (this) {
      boolean first = !closed;
      closed = true;
      if (user == Thread.currentThread()) {
        userReleases |= first;
        return;
      }
      if (!first) {
        await(() -> released);
        return;
      }
      await(() -> user == null);
    }
    release();
  }

  private void await(BooleanSupplier condition) {
    boolean interrupted = false;
    while (!condition.getAsBoolean()) {
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

  private void release() {
    try {
      release.run();
    } finally {
      synchronized (this) {
        released = true;
        notifyAll();
      }
    }
  }
}
