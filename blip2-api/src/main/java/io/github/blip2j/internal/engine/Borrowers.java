package io.github.blip2j.internal.engine;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Texts under way and conversations that borrow a model: they end with it. One whose owner has
 * forgotten to close it is closed once the garbage collector has found the owner's object: when the
 * next one opens, or a call would find no room. Safe for many threads.
 */
final class Borrowers {
  private static final Logger LOG = LoggerFactory.getLogger(Borrowers.class);

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
    closeForgotten();
    synchronized (this) {
      open.put(borrower, new Held(owner, borrower, forgotten));
    }
  }

  /** Closes what nobody holds any more, so far as the collector has found it. */
  void closeForgotten() {
    for (Reference<?> lost = forgotten.poll(); lost != null; lost = forgotten.poll()) {
      Borrower borrower = ((Held) lost).borrower;
      try {
        borrower.close();
      } catch (RuntimeException e) {
        LOG.warn("a text or conversation that was forgotten could not be closed", e);
      }
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
