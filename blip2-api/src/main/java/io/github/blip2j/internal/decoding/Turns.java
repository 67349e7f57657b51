package io.github.blip2j.internal.decoding;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/**
 * Who may use the engine now. A forward pass uses so many cores, and as many passes as there are
 * cores for run at once; the others wait in the order in which they came. Where steps of texts and
 * other work (encoding images, reading prompts) both wait, a step lets a few passes go first, whose
 * texts it can then take along, and other work waits for one step at most. Safe for many threads.
 */
public final class Turns {
  private static final long LONG = 1_000_000_000L;

  /** What wants to run. */
  enum Kind {
    /** A step for rows that may become more: two images and their prompts go first. */
    STEP(4),
    /** A step that has all the rows that it can have. */
    FULL_STEP(1),
    /** Anything else. */
    WORK(0);

    private final int yields; // passes of other work between two steps

    Kind(int yields) {
      this.yields = yields;
    }
  }

  /** Who waits. */
  private static final class Ticket {
    final Kind kind;

    Ticket(Kind kind) {
      this.kind = kind;
    }
  }

  private final int most;
  private final Queue<Ticket> steps = new ArrayDeque<>();
  private final Queue<Ticket> works = new ArrayDeque<>();
  private int taken;
  private int worked; // passes of other work since the last step

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
    patience.waits();
    Ticket ticket = new Ticket(kind);
    Queue<Ticket> queue = kind == Kind.WORK ? works : steps;
    queue.add(ticket);
    Waiting wait = new Waiting();
    long start = System.nanoTime();
    try {
      while (!isNext(ticket)) {
        if (patience.ends()) {
          return false;
        }
        wait.at(this, patience, LONG);
      }
      take(kind);
      return true;
    } finally {
      queue.remove(ticket);
      patience.waited(System.nanoTime() - start);
      notifyAll();
      wait.keepInterrupt();
    }
  }

  private void take(Kind kind) {
    taken++;
    worked = kind == Kind.WORK ? worked + 1 : 0;
  }

  private boolean isNext(Ticket ticket) {
    return taken < most && ticket == (stepIsNext() ? steps : works).peek();
  }

  private boolean stepIsNext() {
    Ticket step = steps.peek();
    return step != null && (works.isEmpty() || worked >= step.kind.yields);
  }

  /** Ends a turn. */
  synchronized void leave() {
    taken--;
    notifyAll();
  }
}
