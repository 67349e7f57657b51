package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class OpenCallsTest {
  @Test
  void closingWaitsForCallsAndRefusesLaterOnes() throws Exception {
    OpenCalls calls = new OpenCalls();
    calls.enter();
    CountDownLatch started = new CountDownLatch(1);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<?> closing =
          pool.submit(
              () -> {
                calls.refuse();
                started.countDown();
                calls.await();
              });
      started.await();
      assertThatIllegalStateException().isThrownBy(calls::enter);
      assertThatThrownBy(() -> closing.get(50, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThatIllegalStateException().isThrownBy(calls::refuse).withMessageContaining("within");
      calls.leave();
      closing.get();
      calls.refuse();
      calls.await();
    } finally {
      pool.shutdownNow();
    }
  }
}
