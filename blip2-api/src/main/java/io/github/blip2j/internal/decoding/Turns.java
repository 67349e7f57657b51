package io.github.blip2j.internal.decoding;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the engine now. A forward pass uses so many cores, and as many passes as there are
 * cores for run at once; the others wait in the order in which they came. Steps of texts and other
 * work (encoding images, reading prompts) take turns where both wait, so that neither holds up the
 * other for more than one pass. Safe for many threads.
 */
public final class Turns {
  private static final long LONG = 1_000_000_000L;

  /** What wants to run. */
  enum Kind {
    STEP,
    WORK
  }

  private final int most;
  private final Queue<Object> steps = new ArrayDeque<>();
  private final Queue<Object> works = new ArrayDeque<>();
  private int taken;
  private @Nullable Kind last;

  /** A call gave up before its turn came. */
  @SuppressWarnings("serial") // never leaves this process
  public static final class GivenUp extends RuntimeException {
    GivenUp() {
      super("gave up waiting for its turn", null, false, false);
    }
  }

  private Turns(int most) {
    this.most = most;
  }

  /** As many passes at once as there are callers. */
  public static Turns unlimited() {
    return new Turns(Integer.MAX_VALUE);
  }

  /**
   * As many passes at once as there are cores for, at least one.
   *
   * @param cores of the machine
   * @param threads of one pass
   */
  public static Turns of(int cores, int threads) {
    return new Turns(Math.max(1, cores / threads));
  }

  /** Whether calls wait for each other at all. */
  public boolean areLimited() {
    return most < Integer.MAX_VALUE;
  }

  /**
   * Does work in its turn.
   *
   * @throws GivenUp if the patience ends first; nothing has been done then
   */
  public <R> R during(Patience patience, Supplier<R> work) {
    if (!enter(Kind.WORK, patience)) {
      throw new GivenUp();
    }
    try {
      return work.get();
    } finally {
      leave();
    }
  }

  /** Does work in its turn; gives whether it was done before the patience ended. */
  boolean tryDuring(Patience patience, Runnable work) {
    if (!enter(Kind.WORK, patience)) {
      return false;
    }
    try {
      work.run();
      return true;
    } finally {
      leave();
    }
  }

  /**
   * Waits for a turn, which {@link #leave} ends.
   *
   * @return whether it has come; else the patience has ended
   */
  synchronized boolean enter(Kind kind, Patience patience) {
    if (taken < most && steps.isEmpty() && works.isEmpty()) {
      take(kind);
      return true;
    }
    Object place = new Object();
    Queue<Object> queue = queue(kind);
    queue.add(place);
    Waiting wait = new Waiting();
    long start = System.nanoTime();
    try {
      while (!isNext(kind, place)) {
        if (patience.ends()) {
          return false;
        }
        wait.at(this, patience, LONG);
      }
      take(kind);
      return true;
    } finally {
      queue.remove(place);
      patience.waited(System.nanoTime() - start);
      notifyAll();
      wait.keepInterrupt();
    }
  }

  private Queue<Object> queue(Kind kind) {
    return kind == Kind.STEP ? steps : works;
  }

  private void take(Kind kind) {
    taken++;
    last = kind;
  }

  private boolean isNext(Kind kind, Object place) {
    Kind other = kind == Kind.STEP ? Kind.WORK : Kind.STEP;
    boolean ours = last != kind || queue(other).isEmpty();
    return taken < most && ours && queue(kind).peek() == place;
  }

  /** Ends a turn. */
  synchronized void leave() {
    taken--;
    notifyAll();
  }
}
