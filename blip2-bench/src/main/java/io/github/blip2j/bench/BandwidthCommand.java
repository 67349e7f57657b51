package io.github.blip2j.bench;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench bandwidth}: how fast this machine's threads read memory. */
@Command(
    name = "bandwidth",
    description = {
      "Sums large arrays with so many threads and prints gigabytes a second: what a token's weights",
      "can at best be read with."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class BandwidthCommand implements Callable<Integer> {
  private static final int WORDS = 1 << 27; // 1 GiB of longs a thread

  @Spec CommandSpec spec;

  @Option(names = "--threads", description = "Default: all processors.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--runs", description = "Default: ${DEFAULT-VALUE}.")
  int runs = 9;

  @Override
  public Integer call() {
    long[][] arrays = new long[threads][WORDS];
    for (long[] array : arrays) {
      Arrays.setAll(array, i -> i);
    }
    double[] rates = new double[runs];
    long sum = 0;
    for (int run = -2; run < runs; run++) {
      long start = System.nanoTime();
      sum += IntStream.range(0, threads).parallel().mapToLong(t -> sum(arrays[t])).sum();
      double seconds = (System.nanoTime() - start) / 1e9;
      if (run >= 0) {
        rates[run] = 8.0 * WORDS * threads / seconds / 1e9;
      }
    }
    Arrays.sort(rates);
    spec.commandLine()
        .getOut()
        .printf(
            "%d threads read %.1f GB/s (median; %.1f to %.1f; checksum %d)%n",
            threads, rates[runs / 2], rates[0], rates[runs - 1], sum);
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** Four streams, so that more than one line of memory is on its way at a time. */
  private static long sum(long[] array) {
    int quarter = array.length / 4;
    long a = 0;
    long b = 0;
    long c = 0;
    long d = 0;
    for (int i = 0; i < quarter; i++) {
      a += array[i];
      b += array[i + quarter];
      c += array[i + 2 * quarter];
      d += array[i + 3 * quarter];
    }
    return a + b + c + d;
  }
}
