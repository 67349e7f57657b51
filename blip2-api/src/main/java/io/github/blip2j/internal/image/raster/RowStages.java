package io.github.blip2j.internal.image.raster;

import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes rows of an image through stages, each of which sees the rows in order, one at a time. The
 * thread that decodes fills slots, which go round; threads of the common pool are offered what
 * comes after, and the decoding thread does it itself when no slot is free. So nothing depends on
 * the pool: one that is busy or has no threads costs nothing but time, and keeps nothing of the
 * image once this is closed. Used by one decoding thread, for one image.
 *
 * @param <T> what a slot holds
 */
public final class RowStages<T> implements AutoCloseable {
  private final List<Consumer<T>> stages;
  private final Object[] slots;
  private final int mostHelpers;
  private final Helper helper = new Helper(this);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private final long[] done; // slots that are filled, and by stage those that it has left
  private final boolean[] busy; // likewise; whether a thread is in that stage
  private int helpers; // offered to the pool and not over yet
  private @Nullable Throwable failure;

  /**
   * Prepares.
   *
   * @param count slots; one where it is not worth the while to let other threads help
   * @param slot makes a slot
   * @param stages what becomes of a filled slot, in order; they share nothing but it
   */
  public RowStages(int count, Supplier<T> slot, List<Consumer<T>> stages) {
    this.stages = List.copyOf(stages);
    int processors = Runtime.getRuntime().availableProcessors();
    slots = new Object[processors == 1 ? 1 : count];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot.get();
    }
    mostHelpers = slots.length == 1 ? 0 : Math.min(stages.size(), processors - 1);
    done = new long[1 + stages.size()];
    busy = new boolean[1 + stages.size()];
  }

  /** A slot to be filled; the stages are through with what it held. */
  public T next() {
    await(slots.length - 1);
    return slot(0);
  }

  /** Hands on the slot that {@link #next} gave last. */
  public void filled() {
    lock.lock();
    try {
      done[0]++;
      progress.signalAll();
      if (helpers < mostHelpers) {
        helpers++;
        ForkJoinPool.commonPool().execute(helper);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all stages are through. */
  public void finish() {
    await(0);
  }

  /** Takes back what the pool has not begun; whether or not the image was finished. */
  @Override
  public void close() {
    helper.stages = null;
  }

  /** What the pool is offered: it may wait there long after the image is forgotten. */
  private static final class Helper implements Runnable {
    private volatile @Nullable RowStages<?> stages;

    Helper(RowStages<?> stages) {
      this.stages = stages;
    }

    @Override
    public void run() {
      RowStages<?> open = stages;
      if (open != null) {
        open.help();
      }
    }
  }

  /** Waits until at most so many filled slots are left. */
  private void await(long left) {
    while (true) {
      int stage;
      lock.lock();
      try {
        rethrow();
        if (done[0] - done[stages.size()] <= left) {
          return;
        }
        stage = begin();
        if (stage == 0) {
          progress.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
      work(stage);
    }
  }

  private void help() {
    while (true) {
      int stage;
      lock.lock();
      try {
        stage = failure == null ? begin() : 0;
        if (stage == 0) {
          helpers--;
          return;
        }
      } finally {
        lock.unlock();
      }
      work(stage);
    }
  }

  /** Enters the last stage that has something to do; 0 when none has. */
  private int begin() {
    for (int stage = stages.size(); stage > 0; stage--) {
      if (!busy[stage] && done[stage] < done[stage - 1]) {
        busy[stage] = true;
        return stage;
      }
    }
    return 0;
  }

  private void work(int stage) {
    if (stage == 0) {
      return;
    }
    @Nullable Throwable thrown = null;
    try {
      stages.get(stage - 1).accept(slot(stage));
    } catch (RuntimeException | Error e) {
      thrown = e;
    }
    lock.lock();
    try {
      busy[stage] = false;
      done[stage]++;
      failure = failure == null ? thrown : failure;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("unchecked") // slots holds what the supplier made
  private T slot(int stage) {
    return (T) slots[(int) (done[stage] % slots.length)];
  }

  private void rethrow() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }
}
