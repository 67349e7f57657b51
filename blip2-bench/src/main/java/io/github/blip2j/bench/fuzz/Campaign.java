package io.github.blip2j.bench.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Cases of one target: workers are started until all have been tried, whoever dies on the way. */
final class Campaign {
  private static final String HEAP = "320m"; // 256 MB for one file, and the corpus
  private static final int MOST_DEATHS = 20;
  private static final int DEADLY_TRIES = 30; // of making a deadly file smaller: each is a process
  private static final int FAULTS = 1; // a worker's exit status

  private final FuzzOptions options;
  private final TargetName target;
  private final int patience;
  private final PrintWriter print;

  /**
   * What came of the cases.
   *
   * @param accepted files that were read although they were damaged
   * @param deaths workers that did not end by themselves
   * @param faulty whether anything was found
   */
  record Outcome(long accepted, int deaths, boolean faulty) {}

  Campaign(FuzzOptions options, TargetName target, int patience, PrintWriter print) {
    this.options = options;
    this.target = target;
    this.patience = patience;
    this.print = print;
  }

  Outcome run(long from, long to) throws IOException, InterruptedException {
    Path page = Files.createTempFile("blip2-fuzz-", ".journal");
    try {
      Journal journal = Journal.open(page);
      int deaths = 0;
      boolean faulty = false;
      long next = from;
      while (next < to && deaths < MOST_DEATHS) {
        journal.at(next - 1); // a worker that does not even start is at none
        int status = work(next, to, page, journal);
        if (status == 0 || status == FAULTS) {
          faulty |= status == FAULTS;
          next = to;
        } else if (journal.at() < next) {
          throw new IOException(target + ": the worker did not start, exit status " + status);
        } else {
          deaths++;
          faulty = true;
          died(journal.at(), status);
          next = journal.at() + 1;
        }
      }
      return new Outcome(journal.accepted(), deaths, faulty);
    } finally {
      Files.deleteIfExists(page);
    }
  }

  private int work(long from, long to, Path page, Journal journal)
      throws IOException, InterruptedException {
    Process worker = start(from, to, List.of("--journal", page.toString()), true);
    long at = journal.at();
    long since = System.nanoTime();
    while (!worker.waitFor(200, TimeUnit.MILLISECONDS)) {
      if (journal.at() != at) {
        at = journal.at();
        since = System.nanoTime();
      } else if (System.nanoTime() - since > TimeUnit.SECONDS.toNanos(patience)) {
        worker.destroyForcibly().waitFor();
      }
    }
    return worker.exitValue();
  }

  private Process start(long from, long to, List<String> more, boolean heard) throws IOException {
    List<String> command = java();
    command.addAll(options.arguments());
    command.addAll(
        List.of(
            "--target", target.name(), "--from", Long.toString(from), "--to", Long.toString(to)));
    command.addAll(more);
    ProcessBuilder.Redirect output =
        heard ? ProcessBuilder.Redirect.INHERIT : ProcessBuilder.Redirect.DISCARD;
    return new ProcessBuilder(command).redirectOutput(output).redirectError(output).start();
  }

  /** The java program and class path of this process. */
  private static List<String> java() {
    Path home = Path.of(System.getProperty("java.home"));
    return new ArrayList<>(
        List.of(
            home.resolve("bin").resolve("java").toString(),
            "-Xmx" + HEAP,
            "--enable-native-access=ALL-UNNAMED",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=/dev/null",
            "-cp",
            System.getProperty("java.class.path"),
            WorkerCommand.class.getName()));
  }

  private void died(long number, int status) throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (FuzzTarget opened = target.open(options.corpus, options.backend)) {
      samples.addAll(opened.samples());
    }
    Sample sample = Damage.sampleOf(options.seed, number, samples);
    byte[] bytes = Damage.ofCase(options.seed, number, samples, sample);
    byte[] smallest = Minimizer.minimized(bytes, b -> kills(number, b, status), DEADLY_TRIES);
    Path kept = WorkerCommand.keep(options, target, sample, number, smallest);
    print.println(
        "fault: "
            + target
            + " case "
            + number
            + " ("
            + sample.name()
            + "): the process ended with status "
            + status);
    print.println("  " + kept + ", " + smallest.length + " bytes of " + bytes.length);
    print.flush();
  }

  private boolean kills(long number, byte[] bytes, int status) {
    try {
      Path file = Files.write(Files.createTempFile("blip2-fuzz-", ".case"), bytes);
      try {
        Process worker = start(number, number + 1, List.of("--file", file.toString()), false);
        if (!worker.waitFor(patience, TimeUnit.SECONDS)) {
          worker.destroyForcibly().waitFor();
        }
        return worker.exitValue() == status;
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
