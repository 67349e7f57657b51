package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Work goes on in threads that nobody interrupts, and its callers wait for its end. */
@Timeout(60)
class OwnThreadsTest {
  private final OwnThreads threads = new OwnThreads();

  @AfterEach
  void close() {
    threads.close();
  }

  @Test
  void aResultOrFailureIsTheWorksOwn() throws ExecutionException {
    assertThat(threads.run(() -> 7)).isEqualTo(7);
    IOException failure = new IOException("of the work");
    assertThatThrownBy(
            () ->
                threads.run(
                    () -> {
                      throw failure;
                    }))
        .isInstanceOf(ExecutionException.class)
        .hasCause(failure);
  }

  @Test
  void workRunsInADaemonOfItsOwn() throws ExecutionException {
    Thread used = threads.run(Thread::currentThread);
    assertThat(used).isNotSameAs(Thread.currentThread());
    assertThat(used.isDaemon()).as("does not hold the process up").isTrue();
    assertThat(used.getName()).isEqualTo("blip2 index");
  }

  @Test
  void workKnowsWhoseThreadItRunsIn() throws ExecutionException {
    assertThat(threads.isOwn()).isFalse();
    assertThat(threads.run(threads::isOwn)).isTrue();
    try (OwnThreads others = new OwnThreads()) {
      assertThat(others.run(threads::isOwn)).isFalse();
      assertThat(threads.run(() -> others.run(others::isOwn))).isTrue();
    }
  }

  /** The caller is interrupted before, and in the middle: the work does not notice, and is done. */
  @Test
  void anInterruptReachesTheCallerOnlyAndIsKept() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean noticed = new AtomicBoolean();
    AtomicReference<String> result = new AtomicReference<>();
    AtomicBoolean kept = new AtomicBoolean();
    Thread caller =
        new Thread(
            () -> {
              try {
                result.set(
                    threads.run(
                        () -> {
                          started.countDown();
                          goOn.await();
                          noticed.set(Thread.currentThread().isInterrupted());
                          return "done";
                        }));
              } catch (ExecutionException e) {
                result.set(String.valueOf(e.getCause()));
              }
              kept.set(Thread.currentThread().isInterrupted());
            });
    caller.start();
    started.await();
    caller.interrupt();
    goOn.countDown();
    caller.join();
    assertThat(result.get()).isEqualTo("done");
    assertThat(noticed).isFalse();
    assertThat(kept).isTrue();
    Thread.currentThread().interrupt();
    try {
      assertThat(threads.run(() -> "also")).isEqualTo("also");
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  /** Callers do not wait for each other: as many threads as there is work. */
  @Test
  void worksRunAtTheSameTime() throws Exception {
    int count = 6;
    CountDownLatch all = new CountDownLatch(count);
    Thread[] callers = new Thread[count];
    AtomicReference<Throwable> failed = new AtomicReference<>();
    for (int i = 0; i < count; i++) {
      callers[i] =
          new Thread(
              () -> {
                try {
                  threads.run(
                      () -> {
                        all.countDown();
                        all.await(); // for all the others to have begun
                        return true;
                      });
                } catch (ExecutionException e) {
                  failed.set(e.getCause());
                }
              });
      callers[i].start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(failed.get()).isNull();
  }
}
