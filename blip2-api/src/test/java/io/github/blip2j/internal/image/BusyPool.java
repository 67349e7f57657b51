package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

/** Holds all threads of the common pool, so that what it is offered has to wait. */
public final class BusyPool implements AutoCloseable {
  private static final int TRIES = 50;

  private final CountDownLatch free = new CountDownLatch(1);

  /** Waits until all threads are held. */
  public BusyPool() throws InterruptedException {
    int threads = ForkJoinPool.getCommonPoolParallelism();
    CountDownLatch held = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      ForkJoinPool.commonPool().execute(() -> hold(held));
    }
    held.await();
  }

  private void hold(CountDownLatch held) {
    held.countDown();
    try {
      free.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Fails while something is reachable still, such as from a task that waits. */
  public static void assertForgotten(WeakReference<?> something) throws InterruptedException {
    for (int i = 0; i < TRIES && !something.refersTo(null); i++) {
      System.gc();
      Thread.sleep(i);
    }
    assertThat(something.refersTo(null)).as("whether it is forgotten").isTrue();
  }

  @Override
  public void close() {
    free.countDown();
  }
}
