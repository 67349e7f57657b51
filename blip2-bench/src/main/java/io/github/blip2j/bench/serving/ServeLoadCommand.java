package io.github.blip2j.bench.serving;

import io.github.blip2j.Blip2;
import io.github.blip2j.bench.host.ProcessMemory;
import io.github.blip2j.bench.soak.MemoryChart;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.Blip2Server;
import io.github.blip2j.server.ServerLimits;
import io.github.blip2j.server.ServerOptions;
import io.github.blip2j.server.ServerTimeouts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code blip2-bench serve-load}: the server and its clients in one process, so that what is left
 * over can be counted. First every sincere request is made alone; then all at once, at random; at
 * last the server is stopped under them.
 */
@Command(
    name = "serve-load",
    description = "Serves the built-in model to many clients; exits with 1 for a wrong answer.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class ServeLoadCommand implements Callable<Integer> {
  private static final int QUEUE = 20; // beside four at once: now and then there is no room for 32
  private static final Duration READ = Duration.ofSeconds(5); // of a slow body
  private static final int SPARE_DESCRIPTORS = 4; // of the JDK and engines, opened on the way
  private static final long SPARE_BYTES = 1 << 20; // of the JDK's threads for connections

  @Spec CommandSpec spec;

  @Option(names = "--images", required = true, description = "Directory of PNG files.")
  Path images;

  @Option(
      names = "--out",
      defaultValue = "serve-load",
      description = "Directory for serve-load.csv and .svg (default: ${DEFAULT-VALUE}).")
  Path out;

  @Option(names = "--backend", defaultValue = "onnx", description = "Default: ${DEFAULT-VALUE}.")
  String backend;

  @Option(names = "--clients", description = "Default: ${DEFAULT-VALUE}.")
  int clients = 32;

  @Option(names = "--seconds", description = "Default: ${DEFAULT-VALUE}.")
  double seconds = 10;

  @Option(names = "--leaving", description = "Part that leaves early (default: ${DEFAULT-VALUE}).")
  double leaving = 0.1;

  @Option(names = "--rubbish", description = "Part that is rubbish (default: ${DEFAULT-VALUE}).")
  double rubbish = 0.05;

  @Option(names = "--seed", description = "Default: ${DEFAULT-VALUE}.")
  long seed = 17;

  @Option(
      names = "--most-growth",
      description = "Exit with 1 if memory grows by more than so much after warm-up, such as 0.03.")
  double mostGrowth = Double.POSITIVE_INFINITY;

  private final List<String> faults = new ArrayList<>();
  private final MemoryChart chart = new MemoryChart();

  @Override
  public Integer call() throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(images)) {
      files = all.filter(f -> f.toString().endsWith(".png")).sorted().toList();
    }
    if (files.isEmpty() || seconds < 1) {
      throw new IllegalArgumentException(
          "--images ("
              + images
              + ") must have PNG files, --seconds ("
              + seconds
              + ") be 1 or more");
    }
    try (Blip2 blip2 = load()) {
      serve(blip2, files);
    }
    Files.createDirectories(out);
    chart.write(out.resolve("serve-load.csv"), out.resolve("serve-load.svg"));
    PrintWriter print = spec.commandLine().getOut();
    if (chart.growth() > mostGrowth) {
      faults.add(String.format(Locale.ROOT, "memory grew by more than %.3f", mostGrowth));
    }
    faults.forEach(f -> print.println("fault: " + f));
    print.flush();
    return faults.isEmpty() ? 0 : 1;
  }

  private Blip2 load() {
    return Blip2.builder()
        .model(DemoModel.captioner())
        .backend(backend)
        .concurrency(4, QUEUE)
        .load();
  }

  private void serve(Blip2 blip2, List<Path> files) throws IOException, InterruptedException {
    byte[] first = Files.readAllBytes(files.get(0));
    String caption = blip2.caption(ImageSource.of(first)).text();
    List<Visit> visits = new ArrayList<>(RubbishVisits.of(first));
    visits.addAll(LeavingVisits.of(first));
    for (Path file : files) {
      String name = file.getFileName().toString();
      visits.addAll(new SincereVisits(blip2, name, Files.readAllBytes(file)).all());
    }
    try (Blip2Server warm = start(blip2)) { // what the process opens once, it has then
      alone(warm, visits);
    }
    Host before = Host.collected();
    Blip2Server server = start(blip2);
    Crowd crowd = new Crowd(server.address(), visits, leaving, rubbish);
    crowd.start(clients, seed);
    watch(crowd);
    Stop stop = Stop.of(server.address(), server::close, crowd, first, caption);
    faults.addAll(crowd.faults());
    faults.addAll(stop.faults());
    Host after = Host.collected();
    String left = after.beyond(before, SPARE_DESCRIPTORS, SPARE_BYTES);
    if (!left.isEmpty()) {
      faults.add(left);
    }
    report(crowd, stop, before, after);
  }

  private static Blip2Server start(Blip2 blip2) {
    return Blip2Server.start(
        blip2,
        ServerOptions.defaults()
            .withPort(0)
            .withLimits(ServerLimits.defaults().withRequests(4, QUEUE))
            .withTimeouts(ServerTimeouts.defaults().withRead(READ)));
  }

  /** Every request that wants an answer, by itself: the server says what the library says. */
  private void alone(Blip2Server server, List<Visit> visits) throws IOException {
    for (Visit visit : visits) {
      if (visit.kind() != Visit.Kind.LEAVING && !visit.name().startsWith("slow")) {
        String wrong = visit.work().run(server.address());
        if (!wrong.isEmpty()) {
          faults.add("alone, " + visit.name() + ": " + wrong);
        }
      }
    }
  }

  private void watch(Crowd crowd) throws IOException, InterruptedException {
    long start = System.nanoTime();
    double now = 0;
    while (now < seconds && crowd.faults().isEmpty()) {
      Thread.sleep(500);
      now = (System.nanoTime() - start) / 1e9;
      chart.add(now, ProcessMemory.now().resident(), crowd.all());
    }
  }

  private void report(Crowd crowd, Stop stop, Host before, Host after) {
    PrintWriter print = spec.commandLine().getOut();
    print.println(
        String.format(
            Locale.ROOT,
            "%s: %d clients, %.0f s: %d right answers, %d left early, %d rubbish refused, %d times"
                + " no room; %d faults",
            backend,
            clients,
            seconds,
            crowd.done(Visit.Kind.SINCERE),
            crowd.done(Visit.Kind.LEAVING),
            crowd.done(Visit.Kind.RUBBISH),
            crowd.full(),
            faults.size()));
    print.println(
        String.format(
            Locale.ROOT,
            "stop: %d requests that had begun answered, %d turned away; descriptors %d before, %d"
                + " after; direct buffers %.1f MB before, %.1f MB after",
            stop.answered(),
            crowd.turnedAway(),
            before.descriptors(),
            after.descriptors(),
            before.direct() / 1e6,
            after.direct() / 1e6));
    print.println(
        String.format(
            Locale.ROOT,
            "resident %.0f MB after warm-up, %.0f MB at the end, %+.1f %%",
            chart.mean(0.2, 0.4) / 1e6,
            chart.mean(0.8, 1) / 1e6,
            100 * chart.growth()));
  }
}
