package io.github.blip2j.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wrong answers and exceptions are found, right ones are not; growth is what it is. */
class SoakTest {
  private static final int THREADS = 4;
  private static final int JOBS = 50;

  @TempDir Path folder;

  /** Runs until a job has been done so many times beside the first, lonely time. */
  private static Soak soak(Job.Work work) throws Exception {
    CountDownLatch enough = new CountDownLatch(JOBS);
    Job job =
        new Job(
            "job",
            () -> {
              enough.countDown();
              return work.run();
            });
    Soak soak = Soak.of(List.of(job));
    List<Thread> threads = soak.start(THREADS, 1);
    enough.await();
    soak.end();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(soak.done()).isGreaterThanOrEqualTo(JOBS - 1);
    return soak;
  }

  @Test
  void theSameAnswersAreNoFault() throws Exception {
    assertThat(soak(() -> "same").faults()).isEmpty();
  }

  @Test
  void anotherAnswerIsAFault() throws Exception {
    AtomicInteger count = new AtomicInteger();
    assertThat(soak(() -> count.getAndIncrement() == 20 ? "other" : "same").faults())
        .containsExactly("job: expected same, found other");
  }

  @Test
  void anExceptionIsAFault() throws Exception {
    AtomicInteger count = new AtomicInteger();
    List<String> faults =
        soak(() -> {
              if (count.getAndIncrement() == 20) {
                throw new IllegalStateException("broken");
              }
              return "same";
            })
            .faults();
    assertThat(faults).hasSize(1);
    assertThat(faults.get(0)).contains("IllegalStateException: broken");
  }

  @Test
  void growthIsMeasuredAfterWarmUp() throws Exception {
    MemoryChart chart = new MemoryChart();
    for (int second = 0; second < 100; second++) {
      chart.add(second, second < 20 ? 1_000 : 2_000_000 + (second >= 80 ? 200_000 : 0), second);
    }
    assertThat(chart.growth()).isCloseTo(0.1, within(1e-9));
    Path table = folder.resolve("soak.csv");
    chart.write(table, folder.resolve("soak.svg"));
    assertThat(Files.readAllLines(table)).hasSize(101);
  }
}
