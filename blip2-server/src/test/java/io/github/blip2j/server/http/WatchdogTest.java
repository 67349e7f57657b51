package io.github.blip2j.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The watch over reads and writes: it interrupts its own thread, in time and never later. */
class WatchdogTest {
  private final Watchdog watchdog = new Watchdog();

  @AfterEach
  void close() {
    watchdog.close();
    assertThat(Thread.interrupted()).as("nothing is left of an interrupt").isFalse();
  }

  @Test
  void workThatTakesTooLongIsInterrupted() {
    try (Watchdog.Watch watch = watchdog.watch(Duration.ofMillis(1))) {
      assertThatThrownBy(() -> new CountDownLatch(1).await())
          .isInstanceOf(InterruptedException.class);
      assertThat(watch.fired()).isTrue();
    }
  }

  @Test
  void anInterruptThatNobodySawIsTakenBack() throws InterruptedException {
    Watchdog.Watch watch = watchdog.watch(Duration.ofMillis(1));
    while (!watch.fired()) {
      Thread.onSpinWait();
    }
    watch.close();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void anInterruptOfSomebodyElseStays() {
    try (Watchdog.Watch watch = watchdog.watch(Duration.ofHours(1))) {
      Thread.currentThread().interrupt();
      assertThat(watch.fired()).isFalse();
    }
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  @SuppressWarnings("try") // the second watch is there to be closed
  void workThatIsDoneIsLeftAlone() throws Exception {
    Watchdog.Watch watch = watchdog.watch(Duration.ofSeconds(2));
    watch.close();
    watch.close();
    CountDownLatch later = new CountDownLatch(1);
    AtomicBoolean fired = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> { // a watch of the same timer, set later and due no earlier
              try (Watchdog.Watch second = watchdog.watch(Duration.ofSeconds(2))) {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                fired.set(true);
              }
              later.countDown();
            });
    other.start();
    later.await();
    assertThat(fired).isTrue();
    assertThat(watch.fired()).isFalse();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }
}
