package io.github.blip2j.internal.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExclusiveUseTest {
  private final AtomicInteger released = new AtomicInteger();
  private final ExclusiveUse use = new ExclusiveUse("this session", released::incrementAndGet);
  private final ExecutorService others = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    others.shutdownNow();
  }

  private static void assertWaits(Future<?> future) {
    assertThatThrownBy(() -> future.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  @Test
  void oneAtATime() throws Exception {
    use.enter();
    assertThat(use.isUsedHere()).isTrue();
    assertThat(others.submit(use::isUsedHere).get()).isFalse();
    others
        .submit(
            () ->
                assertThatIllegalStateException()
                    .isThrownBy(use::enter)
                    .withMessageStartingWith("this session is for one thread at a time")
                    .withMessageContaining("is using it"))
        .get();
    assertThatIllegalStateException().isThrownBy(use::enter); // the same thread neither
    use.leave();
    assertThat(use.isUsedHere()).isFalse();
    others.submit(use::enter).get();
    assertThat(released).hasValue(0);
  }

  @Test
  void closingReleasesOnceAndRefusesUses() {
    use.close();
    use.close();
    assertThat(released).hasValue(1);
    assertThat(use.isClosed()).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(use::enter)
        .withMessage("this session must be open, but it has been closed");
  }

  @Test
  void closingWaitsForTheUseUnderWay() throws Exception {
    use.enter();
    Future<?> closing = others.submit(use::close);
    assertWaits(closing);
    Future<?> again = others.submit(use::close);
    assertWaits(again);
    assertThat(released).hasValue(0);
    use.leave();
    closing.get();
    again.get();
    assertThat(released).hasValue(1);
  }

  /** A callback of the user closes what it is called from. */
  @Test
  void closedInItsOwnUseItIsReleasedAtTheEnd() throws Exception {
    use.enter();
    use.close();
    use.close();
    assertThat(use.isClosed()).isTrue();
    assertThat(released).hasValue(0);
    Future<?> another = others.submit(use::close);
    assertWaits(another);
    use.leave();
    assertThat(released).hasValue(1);
    another.get();
  }

  @Test
  void anInterruptDoesNotEndTheWaitingAndIsKept() throws Exception {
    use.enter();
    Future<Boolean> closing =
        others.submit(
            () -> {
              Thread.currentThread().interrupt();
              use.close();
              return Thread.interrupted();
            });
    assertWaits(closing);
    assertThat(released).hasValue(0);
    use.leave();
    assertThat(closing.get()).isTrue();
    assertThat(released).hasValue(1);
  }

  @Test
  void aReleaseThatFailsIsReportedOnceAndNobodyWaitsForEver() {
    ExclusiveUse failing =
        new ExclusiveUse(
            "this session",
            () -> {
              released.incrementAndGet();
              throw new IllegalArgumentException("engine");
            });
    assertThatThrownBy(failing::close).hasMessage("engine");
    failing.close();
    assertThat(released).hasValue(1);
  }
}
