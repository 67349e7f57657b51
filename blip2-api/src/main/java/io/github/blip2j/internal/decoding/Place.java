package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where a text's rows are: in a session of their own, or among others in a shared one, where they
 * are moved by whoever leads a step. All is read and written under the monitor of {@link
 * SharedSteps}, but by the leader during a step for which its text waits.
 */
final class Place {
  /** What a text waits for. */
  enum State {
    AWAY,
    WAITING,
    GIVEN
  }

  final int capacity;
  private final Object monitor;
  private @Nullable Proposer own; // none while the rows are shared
  private int[] order = {}; // of shared rows, which of those that are there each becomes
  private int held; // rows in the shared session
  private int[] lengths = {}; // of shared rows
  State state = State.AWAY;
  boolean inStep; // under way
  boolean closed;
  boolean returns; // it took part in the last step, and is expected to come for the next
  int steps; // since it joined
  int[][] tokens = {};
  float[] logits = {};
  @Nullable Throwable failure;

  /**
   * Takes over a session with what proposes to it.
   *
   * @param capacity positions of its rows
   * @param monitor of those with whom steps are shared
   */
  Place(Proposer own, int capacity, Object monitor) {
    this.own = own;
    this.capacity = capacity;
    this.monitor = monitor;
  }

  /** Whether the rows are in the shared session. */
  boolean isShared() {
    synchronized (monitor) {
      return own == null;
    }
  }

  /** The session of its own. */
  Proposer own() {
    synchronized (monitor) {
      return Objects.requireNonNull(own, "its rows are shared");
    }
  }

  int rows() {
    synchronized (monitor) {
      return own == null ? order.length : own.session().rows();
    }
  }

  int length(int row) {
    synchronized (monitor) {
      return own == null ? lengths[row] : own.session().length(row);
    }
  }

  /** Rows that it has in the shared session until the next step moves them. */
  int held() {
    return held;
  }

  /** Which of the rows that are held each of its rows becomes, from the first of them at 0. */
  int[] order() {
    return order;
  }

  /** Moves rows; those that are shared with the next step. */
  void select(int[] rows) {
    synchronized (monitor) {
      if (own != null) {
        own.session().select(rows);
        return;
      }
      if (failure != null) {
        return; // which the next step says
      }
      order = Arrays.stream(rows).map(row -> order[row]).toArray();
      lengths = Arrays.stream(rows).map(row -> lengths[row]).toArray();
    }
  }

  /** The shared session has its rows from now on, as its own had them, which is closed. */
  void join() {
    LanguageSession left = own().session();
    int rows = left.rows();
    lengths = IntStream.range(0, rows).map(left::length).toArray();
    own = null;
    steps = 0;
    settle(rows);
    left.close();
  }

  /** The shared rows have been moved as it wanted. */
  void settle(int rows) {
    held = rows;
    order = IntStream.range(0, rows).toArray();
  }

  /** Has its rows for itself from now on; those that are held are not its any more. */
  void leave(Proposer proposer) {
    own = proposer;
    order = new int[0];
    returns = false;
  }

  /** Closes the session of its own, if it has one. */
  void close() {
    Proposer closing;
    synchronized (monitor) {
      closing = own;
    }
    if (closing != null) {
      closing.session().close();
    }
  }

  /** Every shared row has one position more. */
  void advance() {
    Arrays.setAll(lengths, row -> lengths[row] + 1);
    steps++;
  }

  /** Nothing can be computed any more. */
  void fail(Throwable cause) {
    failure = cause;
    held = 0;
    order = new int[0];
    returns = false;
    inStep = false;
    if (state == State.WAITING) {
      state = State.GIVEN;
    }
  }
}
