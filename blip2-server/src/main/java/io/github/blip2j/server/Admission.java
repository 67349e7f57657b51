package io.github.blip2j.server;

import io.github.blip2j.server.http.ClientGone;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * How many requests use the model at once, and how many wait. Whoever comes gets a place before its
 * body is read, so that memory is bounded too, or is refused. Those that have been read use the
 * model in the order in which they began to wait for it.
 */
final class Admission {
  private static final long GLANCE_MILLIS = 100; // between looks whether the client is still there
  private static final int LONGEST_RETRY = 30; // seconds

  private final Semaphore places;
  private final int most;
  private final int concurrency;
  private final Duration patience;

  /** Turns that have not come yet, the first first; none while the model is free. */
  private final Deque<CountDownLatch> line = new ArrayDeque<>();

  private int free; // of the concurrency
  private double meanSeconds = 1; // that a request uses the model

  Admission(ServerLimits limits, Duration patience) {
    concurrency = limits.concurrency();
    most = concurrency + limits.queue();
    places = new Semaphore(most);
    free = concurrency;
    this.patience = patience;
  }

  /** Requests that use the model. */
  synchronized int active() {
    return concurrency - free;
  }

  /** Requests that have a place and do not use the model: they are read, wait or are answered. */
  int waiting() {
    return Math.max(0, most - places.availablePermits() - active());
  }

  /**
   * A place for one request.
   *
   * @throws Refusal 429 if all are taken
   */
  Ticket ticket() {
    if (!places.tryAcquire()) {
      throw new Refusal(
              429,
              "queue_full",
              null,
              "the server has " + most + " requests, which is all it takes: try again later")
          .retryAfter(secondsFor(most));
    }
    return new Ticket();
  }

  /** Seconds until so many requests have been through. */
  private int secondsFor(int requests) {
    double seconds = Math.ceil(mean() * requests / concurrency);
    return (int) Math.max(1, Math.min(LONGEST_RETRY, seconds));
  }

  private synchronized double mean() {
    return meanSeconds;
  }

  private synchronized void took(double seconds) {
    meanSeconds = 0.9 * meanSeconds + 0.1 * seconds;
  }

  /**
   * Joins the line and keeps this place in it. A fair semaphore would not do: whoever stops waiting
   * for a moment, to look whether the client is still there, stands behind all others afterwards.
   *
   * @return opens when the model may be used
   */
  private synchronized CountDownLatch join() {
    CountDownLatch turn = new CountDownLatch(1);
    if (free > 0) {
      free--;
      turn.countDown();
    } else {
      line.add(turn);
    }
    return turn;
  }

  /** Gives a turn up, which may have come in the meantime. */
  private synchronized void leave(CountDownLatch turn) {
    if (!line.remove(turn)) {
      pass();
    }
  }

  /** Hands the use of the model on to the first in the line. */
  private synchronized void pass() {
    CountDownLatch next = line.poll();
    if (next == null) {
      free++;
    } else {
      next.countDown();
    }
  }

  /** One request's place; used and closed by its thread. */
  final class Ticket implements AutoCloseable {
    private boolean using;
    private long began;

    /**
     * Waits until the model may be used.
     *
     * @param gone whether nobody waits for the answer any more
     * @throws Refusal 503 if it takes too long
     * @throws ClientGone if nobody waits
     */
    void use(BooleanSupplier gone) {
      CountDownLatch turn = join();
      boolean came = false;
      try {
        await(turn, gone);
        came = true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw stopping();
      } finally {
        if (!came) {
          leave(turn);
        }
      }
      using = true;
      began = System.nanoTime();
    }

    private void await(CountDownLatch turn, BooleanSupplier gone) throws InterruptedException {
      long end = System.nanoTime() + patience.toNanos();
      while (!turn.await(GLANCE_MILLIS, TimeUnit.MILLISECONDS)) {
        if (gone.getAsBoolean()) {
          throw new ClientGone("it left while it waited", null);
        }
        if (System.nanoTime() - end > 0) {
          throw new Refusal(
                  503,
                  "queue_timeout",
                  null,
                  "the model was busy for " + patience + ": try again later")
              .retryAfter(secondsFor(waiting()));
        }
      }
    }

    /** The model is used no longer, though there is more to send. */
    void release() {
      if (using) {
        using = false;
        took((System.nanoTime() - began) / 1e9);
        pass();
      }
    }

    @Override
    public void close() {
      release();
      places.release();
    }
  }

  /** A new request while the server stops: another try would meet no better. */
  static Refusal stopping() {
    return new Refusal(503, "stopping", null, "the server is stopping")
        .with("Retry-After", Integer.toString(LONGEST_RETRY))
        .with("x-should-retry", "false");
  }
}
