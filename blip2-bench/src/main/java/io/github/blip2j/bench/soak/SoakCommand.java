package io.github.blip2j.bench.soak;

import io.github.blip2j.bench.host.ProcessMemory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code blip2-bench soak}: captions, questions, batches, ranked answers, streams that are closed
 * and cancelled, conversations with forks, saved images, matches and searches from many threads for
 * some minutes. Every answer must equal the one that its task gave alone, and the memory that the
 * process holds must stay.
 */
@Command(
    name = "soak",
    description = "Uses models from many threads for minutes; exits with 1 for a wrong answer.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class SoakCommand implements Callable<Integer> {
  private static final double LEAST = 0.1; // minutes

  @Spec CommandSpec spec;

  @Option(names = "--corpus", required = true, description = "Directory of models and images.")
  Path corpus;

  @Option(
      names = "--out",
      defaultValue = "soak",
      description = "Directory for soak.csv and soak.svg (default: ${DEFAULT-VALUE}).")
  Path out;

  @Option(names = "--backend", defaultValue = "onnx", description = "Default: ${DEFAULT-VALUE}.")
  String backend;

  @Option(names = "--threads", description = "Default: ${DEFAULT-VALUE}.")
  int threads = 64;

  @Option(names = "--minutes", description = "Default: ${DEFAULT-VALUE}.")
  double minutes = 0.4;

  @Option(names = "--seed", description = "Default: ${DEFAULT-VALUE}.")
  long seed = 17;

  @Option(
      names = "--most-growth",
      description = "Exit with 1 if memory grows by more than so much after warm-up, such as 0.03.")
  double mostGrowth = Double.POSITIVE_INFINITY;

  @Override
  public Integer call() throws Exception {
    if (minutes < LEAST) {
      throw new IllegalArgumentException("--minutes (" + minutes + ") must be at least " + LEAST);
    }
    PrintWriter print = spec.commandLine().getOut();
    MemoryChart chart = new MemoryChart();
    Soak soak;
    try (Models models = new Models(corpus, backend)) {
      List<Job> jobs = models.jobs();
      print.println(
          backend + ": " + jobs.size() + " kinds of job, " + threads + " threads, seed " + seed);
      print.flush();
      soak = Soak.of(jobs);
      run(soak, chart);
    }
    Files.createDirectories(out);
    chart.write(out.resolve("soak.csv"), out.resolve("soak.svg"));
    return verdict(print, soak, chart);
  }

  private void run(Soak soak, MemoryChart chart) throws IOException, InterruptedException {
    List<Thread> running = soak.start(threads, seed);
    long start = System.nanoTime();
    double seconds = 0;
    while (seconds < 60 * minutes && soak.faults().isEmpty()) {
      Thread.sleep(1000);
      seconds = (System.nanoTime() - start) / 1e9;
      chart.add(seconds, ProcessMemory.now().resident(), soak.done());
    }
    soak.end();
    for (Thread thread : running) {
      thread.join();
    }
  }

  private int verdict(PrintWriter print, Soak soak, MemoryChart chart) {
    soak.faults().forEach(f -> print.println("fault: " + f));
    print.println(
        String.format(
            Locale.ROOT,
            "%s: %d jobs, %d faults; resident %.0f MB after warm-up, %.0f MB at the end, %+.1f %%",
            backend,
            soak.done(),
            soak.faults().size(),
            chart.mean(0.2, 0.4) / 1e6,
            chart.mean(0.8, 1) / 1e6,
            100 * chart.growth()));
    boolean grew = chart.growth() > mostGrowth;
    if (grew) {
      print.println(
          "fault: memory grew by more than " + String.format(Locale.ROOT, "%.3f", mostGrowth));
    }
    print.flush();
    return soak.faults().isEmpty() && !grew ? 0 : 1;
  }
}
