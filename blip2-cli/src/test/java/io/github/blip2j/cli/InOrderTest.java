package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Results come in the order of the work, however it ends, and nothing of it gets lost unseen. */
@Timeout(60)
class InOrderTest {
  private final List<Integer> seen = Collections.synchronizedList(new ArrayList<>());

  @Test
  void whatEndsFirstWaitsForWhatWasGivenFirst() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    try (InOrder<Integer> work = new InOrder<>(2, seen::add)) {
      work.give(
          () -> {
            second.await();
            return 1;
          });
      work.give(
          () -> {
            second.countDown();
            return 2;
          });
      work.finish();
    }
    assertThat(seen).containsExactly(1, 2);
  }

  @Test
  void aResultIsHandedOnThoughNothingFollows() throws Exception {
    CountDownLatch handed = new CountDownLatch(1);
    try (InOrder<Integer> work = new InOrder<>(3, one -> handed.countDown())) {
      work.give(() -> 1);
      handed.await(); // while whoever gives work waits for more of it
    }
  }

  @Test
  void muchWorkIsDoneByAllThreadsAndNoneIsLost() {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(4);
    try (InOrder<Integer> work = new InOrder<>(4, seen::add)) {
      for (int i = 0; i < 500; i++) {
        int number = i;
        work.give(
            () -> {
              most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
              all.countDown();
              all.await();
              atOnce.decrementAndGet();
              return number;
            });
      }
      work.finish();
    }
    assertThat(seen).isEqualTo(IntStream.range(0, 500).boxed().toList());
    assertThat(most).hasValue(4);
  }

  @Test
  void aResultThatCannotBeHandedOnEndsTheRun() {
    IllegalStateException lost = new IllegalStateException("lost");
    try (InOrder<Integer> work =
        new InOrder<>(
            2,
            one -> {
              throw lost;
            })) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  work.give(() -> 1);
                }
                work.finish();
              })
          .isSameAs(lost);
    }
  }

  @Test
  void anErrorOfWorkIsThrownWhereItIsWaitedFor() {
    OutOfMemoryError error = new OutOfMemoryError("no more");
    try (InOrder<Integer> work = new InOrder<>(2, seen::add)) {
      work.give(() -> 1);
      work.give(
          () -> {
            throw error;
          });
      assertThatThrownBy(work::finish).isSameAs(error);
    }
    assertThat(seen).containsExactly(1);
  }

  @Test
  void closingInterruptsWorkThatNobodyWaitsFor() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    InOrder<Integer> work = new InOrder<>(1, seen::add);
    work.give(
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
          return 1;
        });
    begun.await();
    work.close();
    interrupted.await();
  }
}
