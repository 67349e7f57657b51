package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private final Turns turns = Turns.of(2, 2);
  private final List<String> order = Collections.synchronizedList(new ArrayList<>());

  /** Patience that ends when it is told to, and counts what was waited. */
  private static final class Told implements Patience {
    final AtomicBoolean ended = new AtomicBoolean();
    final CountDownLatch asked = new CountDownLatch(1);
    long waited = -1;

    @Override
    public boolean ends() {
      asked.countDown();
      return ended.get() || Thread.currentThread().isInterrupted();
    }

    @Override
    public long left() {
      return Long.MAX_VALUE;
    }

    @Override
    public void waited(long nanos) {
      waited = nanos;
    }
  }

  /** Queues a pass; returns when it waits. */
  private Thread queue(String name, Turns.Kind kind) throws InterruptedException {
    Told patience = new Told();
    Thread thread =
        new Thread(
            () -> {
              if (turns.enter(kind, patience)) {
                order.add(name);
                turns.leave();
              }
            });
    thread.start();
    patience.asked.await();
    return thread;
  }

  /** What runs, in its order, after a pass during which these came. */
  private List<String> served(String... names) throws InterruptedException {
    assertThat(turns.enter(Turns.Kind.WORK, Patience.ENDLESS)).isTrue();
    List<Thread> waiting = new ArrayList<>();
    for (String name : names) {
      Turns.Kind kind =
          name.startsWith("full")
              ? Turns.Kind.FULL_STEP
              : name.startsWith("step") ? Turns.Kind.STEP : Turns.Kind.WORK;
      waiting.add(queue(name, kind));
    }
    assertThat(order).isEmpty();
    turns.leave();
    for (Thread thread : waiting) {
      thread.join();
    }
    return order;
  }

  @Test
  void aStepLetsFourPassesGoFirstWhichCanWidenIt() throws InterruptedException {
    assertThat(served("work 2", "step 1", "step 2", "work 3", "work 4", "work 5", "work 6"))
        .containsExactly("work 2", "work 3", "work 4", "step 1", "work 5", "work 6", "step 2");
  }

  @Test
  void stepsWithAllTheirRowsAndOtherWorkAlternate() throws InterruptedException {
    assertThat(served("work 2", "work 3", "full 1", "work 4", "full 2"))
        .containsExactly("full 1", "work 2", "full 2", "work 3", "work 4");
  }

  @Test
  void asManyPassesAsThereAreCoresForRunAtOnce() throws InterruptedException {
    Turns four = Turns.of(8, 2);
    for (int i = 0; i < 4; i++) {
      assertThat(four.enter(Turns.Kind.WORK, Patience.ENDLESS)).isTrue();
    }
    Told patience = new Told();
    patience.ended.set(true);
    assertThat(four.enter(Turns.Kind.STEP, patience)).as("a fifth").isFalse();
    four.leave();
    assertThat(four.enter(Turns.Kind.STEP, patience)).as("a free turn needs no wait").isTrue();
    assertThat(Turns.of(2, 16).enter(Turns.Kind.WORK, patience)).as("at least one").isTrue();
    assertThat(Turns.unlimited().areLimited()).isFalse();
    assertThat(four.areLimited()).isTrue();
  }

  @Test
  void whoGivesUpLeavesTheQueue() throws InterruptedException {
    turns.enter(Turns.Kind.STEP, Patience.ENDLESS);
    Told patience = new Told();
    Thread impatient =
        new Thread(
            () ->
                assertThatThrownBy(() -> turns.during(patience, () -> order.add("done")))
                    .isInstanceOf(Turns.GivenUp.class));
    AtomicBoolean failed = new AtomicBoolean();
    impatient.setUncaughtExceptionHandler((thread, e) -> failed.set(true));
    impatient.start();
    patience.asked.await();
    Thread next = queue("next", Turns.Kind.WORK);
    patience.ended.set(true);
    impatient.join();
    assertThat(failed).isFalse();
    assertThat(patience.waited).isPositive();
    turns.leave();
    next.join();
    assertThat(order).containsExactly("next");
  }

  @Test
  void anInterruptEndsThePatienceOrIsKept() throws InterruptedException {
    turns.enter(Turns.Kind.WORK, Patience.ENDLESS);
    Thread.currentThread().interrupt();
    assertThat(turns.tryDuring(Patience.UNTIL_INTERRUPTED, () -> order.add("done"))).isFalse();
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    Thread.interrupted();
    AtomicBoolean kept = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    Thread endless =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              started.countDown();
              kept.set(
                  turns.tryDuring(Patience.ENDLESS, () -> order.add("endless"))
                      && Thread.currentThread().isInterrupted());
            });
    endless.start();
    started.await();
    turns.leave();
    endless.join();
    assertThat(order).containsExactly("endless");
    assertThat(kept).isTrue();
  }

  @Test
  void workThatFailsGivesItsTurnBack() {
    assertThatThrownBy(
            () ->
                turns.during(
                    Patience.ENDLESS,
                    () -> {
                      throw new IllegalStateException("broken");
                    }))
        .hasMessage("broken");
    assertThat(turns.during(Patience.ENDLESS, () -> "again")).isEqualTo("again");
  }
}
