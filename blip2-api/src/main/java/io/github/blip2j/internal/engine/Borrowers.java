package io.github.blip2j.internal.engine;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Texts under way and conversations that borrow a model: they end with it. One whose owner has
 * forgotten to close it is closed once the garbage collector has found the owner's object, when the
 * next one opens. Safe for many threads.
 */
final class Borrowers {
  private final Map<Borrower, Reference<Object>> open = new HashMap<>();
  private final ReferenceQueue<Object> forgotten = new ReferenceQueue<>();

  /** What borrows the model. */
  interface Borrower {
    /** From any thread: what is under way ends with the token under way. */
    void cancel();

    /** From any thread: releases everything, behind what is under way. */
    void close();

    /** Whether the current thread is inside it. */
    boolean isUsedHere();
  }

  private static final class Held extends PhantomReference<Object> {
    private final Borrower borrower;

    Held(Object owner, Borrower borrower, ReferenceQueue<Object> forgotten) {
      super(owner, forgotten);
      this.borrower = borrower;
    }
  }

  /** Registers what an object that a user holds stands for; it must not be reachable from there. */
  void add(Object owner, Borrower borrower) {
    for (Reference<?> lost = forgotten.poll(); lost != null; lost = forgotten.poll()) {
      ((Held) lost).borrower.close();
    }
    synchronized (this) {
      open.put(borrower, new Held(owner, borrower, forgotten));
    }
  }

  /** It has been released. */
  synchronized void remove(Borrower borrower) {
    open.remove(borrower);
  }

  synchronized int count() {
    return open.size();
  }

  private synchronized List<Borrower> all() {
    return List.copyOf(open.keySet());
  }

  /** Whether the current thread is inside one of them. */
  boolean isUsedHere() {
    return all().stream().anyMatch(Borrower::isUsedHere);
  }

  /** Closes all, after the tokens under way. */
  void close() {
    @Nullable RuntimeException failed = null;
    for (List<Borrower> all = all(); !all.isEmpty(); all = all()) {
      all.forEach(Borrower::cancel);
      for (Borrower borrower : all) {
        try {
          borrower.close();
        } catch (RuntimeException e) { // the others are closed all the same
          failed = e;
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
