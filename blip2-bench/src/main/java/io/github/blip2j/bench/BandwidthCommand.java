package io.github.blip2j.bench;

import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.spi.LanguageSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench bandwidth}: how fast this machine's threads read memory. */
@Command(
    name = "bandwidth",
    description = {
      "Sums large arrays with so many threads and prints gigabytes a second: what a token's weights",
      "can at best be read with. With a checkpoint it decodes a token behind 64 others in turn with",
      "each sum, and prints how fast that read its weights, and what share of the sum's rate that is."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class BandwidthCommand implements Callable<Integer> {
  private static final int WORDS = 1 << 26; // 512 MiB of longs a thread
  private static final int WARM_UP = 3;
  private static final int CONTEXT = 64;
  private static final double GIGA = 1e9;

  @Spec CommandSpec spec;

  @Option(names = "--threads", description = "Default: all processors.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--runs", description = "Default: ${DEFAULT-VALUE}.")
  int runs = 15;

  @Option(names = "--model", description = "Checkpoint directory.")
  @Nullable Path model;

  @Option(names = "--backend", description = "Default: ${DEFAULT-VALUE}.")
  String backend = "onnx";

  @Option(names = "--precision", description = "One name, or three (default: float32).")
  String precision = "float32";

  private long checksum; // so that no sum is left out

  @Override
  public Integer call() throws IOException {
    if (runs < 1) {
      throw new IllegalArgumentException("--runs (" + runs + ") must be at least 1");
    }
    long[][] arrays = new long[threads][WORDS];
    for (long[] array : arrays) {
      Arrays.setAll(array, i -> i);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (model == null) {
      double[] probed = new double[runs];
      for (int run = -WARM_UP; run < runs; run++) {
        probed[Math.max(0, run)] = read(arrays);
      }
      out.printf(
          Locale.ROOT, "%d threads read %s (checksum %d)%n", threads, rates(probed), checksum);
    } else {
      decode(model, arrays, out);
    }
    out.flush();
    return 0;
  }

  private void decode(Path directory, long[][] arrays, PrintWriter out) throws IOException {
    LoadedState state = new LoadedState();
    state.model = directory.toString();
    state.backend = backend;
    state.precision = precision;
    state.weights = WeightLayout.MAPPED;
    state.threads = threads;
    state.load();
    try {
      TextConfig text = state.checkpoint().config().text();
      if (text.encoderDecoder()) {
        throw new IllegalArgumentException(
            directory + ": expected a decoder alone, found an encoder and decoder");
      }
      long weights =
          state
              .checkpoint()
              .program()
              .language()
              .decoder()
              .weights()
              .linearBytes(Precisions.parse(precision).language());
      try (LanguageSession session = state.loaded().language().open(1, CONTEXT + 1)) {
        print(inTurn(session, text.vocabularySize(), weights, arrays), weights, out);
      }
    } finally {
      state.unload();
    }
  }

  /**
   * Rates of each run.
   *
   * @param shares of the mean of the sums before and after each step
   */
  private record Rates(double[] sums, double[] steps, double[] shares) {}

  private Rates inTurn(LanguageSession session, int vocabulary, long weights, long[][] arrays) {
    Rates rates = new Rates(new double[runs], new double[runs], new double[runs]);
    float[] logits = new float[vocabulary];
    int[][] prompt = new int[1][CONTEXT];
    Arrays.fill(prompt[0], 40);
    session.append(new float[0], prompt, logits);
    for (int run = -WARM_UP; run < runs; run++) {
      int at = Math.max(0, run);
      rates.sums()[at] = read(arrays);
      long start = System.nanoTime();
      session.append(new float[0], new int[][] {{30}}, logits);
      rates.steps()[at] = weights / (double) (System.nanoTime() - start);
      session.truncate(CONTEXT);
      rates.shares()[at] = rates.steps()[at] / ((rates.sums()[at] + read(arrays)) / 2);
    }
    return rates;
  }

  private void print(Rates rates, long weights, PrintWriter out) {
    double[] shares = rates.shares();
    Arrays.sort(shares);
    out.printf(
        Locale.ROOT, "%d threads read %s (checksum %d)%n", threads, rates(rates.sums()), checksum);
    out.printf(
        Locale.ROOT,
        "%s %s decodes at %s of %.2f GB of weights: %.0f %% of it (median; %.0f to %.0f)%n",
        backend,
        precision,
        rates(rates.steps()),
        weights / GIGA,
        100 * shares[runs / 2],
        100 * shares[0],
        100 * shares[runs - 1]);
  }

  private static String rates(double[] rates) {
    double[] sorted = rates.clone();
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        "%.1f GB/s (median; %.1f to %.1f)",
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1]);
  }

  /** Sums everything; gigabytes a second. */
  private double read(long[][] arrays) {
    long start = System.nanoTime();
    checksum += IntStream.range(0, threads).parallel().mapToLong(t -> sum(arrays[t])).sum();
    return 8.0 * WORDS * threads / (System.nanoTime() - start);
  }

  /** One stream a thread, which compilers make vectors of and processors read ahead of. */
  private static long sum(long[] array) {
    long sum = 0;
    for (long word : array) {
      sum += word;
    }
    return sum;
  }
}
