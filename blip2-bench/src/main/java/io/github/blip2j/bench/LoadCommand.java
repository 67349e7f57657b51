package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.bench.host.ProcessMemory;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code blip2-bench load}: so many callers, each of whom asks for the next caption when it has the
 * last (a closed loop). Every caption is read as a stream, so that its first token can be timed;
 * the image is read and encoded anew each time.
 */
@Command(
    name = "load",
    description = "Captions an image for many callers at once and prints captions a minute.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class LoadCommand implements Callable<Integer> {
  private static final long PAUSE_MILLIS = 50; // of a caller who was refused

  @Spec CommandSpec spec;

  @Mixin ModelOptions model;

  @Option(names = "--callers", description = "At once (default: ${DEFAULT-VALUE}).")
  int callers = 16;

  @Option(names = "--captions", description = "All together (default: ${DEFAULT-VALUE}).")
  int captions = 32;

  @Option(names = "--tokens", description = "Of a caption (default: ${DEFAULT-VALUE}).")
  int tokens = 20;

  @Option(
      names = "--rows",
      description = "Of a step that callers share; 0: each for itself (default: ${DEFAULT-VALUE}).")
  int rows = 16;

  @Option(names = "--waiting", description = "Callers beyond these (default: ${DEFAULT-VALUE}).")
  int waiting = 64;

  @Option(
      names = "--same-length",
      negatable = true,
      description = "Whether captions have equally many tokens, else half to all of them.")
  boolean sameLength = true;

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    PrintWriter out = spec.commandLine().getOut();
    Blip2Builder builder = model.builder();
    if (rows > 0) {
      builder.concurrency(rows, waiting);
    }
    try (Blip2 blip2 = builder.load()) {
      LoadReport.Caption first = caption(blip2, 0);
      out.printf(Locale.ROOT, "warm-up %.2f s%n", first.last() / 1e9);
      out.flush();
      LoadReport report = run(blip2);
      out.println("load " + report.line(callers, rows));
      out.printf(Locale.ROOT, "%s: %s%n", blip2.backend(), ProcessMemory.now());
      out.flush();
    }
    return 0;
  }

  private LoadReport run(Blip2 blip2) throws InterruptedException, ExecutionException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      long start = System.nanoTime();
      List<Future<List<LoadReport.Caption>>> all = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        all.add(threads.submit(() -> captions(blip2, next, refused)));
      }
      List<LoadReport.Caption> done = new ArrayList<>();
      for (Future<List<LoadReport.Caption>> one : all) {
        done.addAll(one.get());
      }
      return new LoadReport(done, System.nanoTime() - start, refused.get());
    } finally {
      threads.shutdownNow();
    }
  }

  private List<LoadReport.Caption> captions(Blip2 blip2, AtomicInteger next, AtomicInteger refused)
      throws InterruptedException {
    List<LoadReport.Caption> own = new ArrayList<>();
    for (int index = next.getAndIncrement(); index < captions; index = next.getAndIncrement()) {
      while (true) {
        try {
          own.add(caption(blip2, index));
          break;
        } catch (OverloadedException e) {
          refused.incrementAndGet();
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
      }
    }
    return own;
  }

  private LoadReport.Caption caption(Blip2 blip2, int index) {
    int count = sameLength ? tokens : Math.max(1, tokens / 2 + index % (tokens / 2 + 1));
    GenerationOptions exactly =
        GenerationOptions.builder().maxNewTokens(count).minNewTokens(count).build();
    long start = System.nanoTime();
    long[] first = {0};
    blip2.stream(
        new GenerationRequest(ImageSource.of(model.image), null, exactly),
        piece -> first[0] = first[0] == 0 ? System.nanoTime() - start : first[0]);
    return new LoadReport.Caption(first[0], System.nanoTime() - start);
  }
}
