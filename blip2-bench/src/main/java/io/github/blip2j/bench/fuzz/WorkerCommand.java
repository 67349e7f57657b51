package io.github.blip2j.bench.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tries cases of one target in this process, which a case may end. Started by the campaign. */
@Command(
    name = "fuzz-worker",
    description = "Tries cases of one target in this process.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class WorkerCommand implements Callable<Integer> {
  private static final int TRIES = 400;

  @Spec CommandSpec spec;
  @Mixin FuzzOptions options;

  @Option(names = "--target", required = true)
  TargetName target;

  @Option(names = "--from", required = true)
  long from;

  @Option(names = "--to", required = true)
  long to;

  @Option(names = "--journal")
  @Nullable Path journalFile;

  @Option(names = "--file", description = "Tries this file instead, in place of the case's.")
  @Nullable Path file;

  /**
   * Runs the worker and exits: 0 without a fault, 1 with one.
   *
   * @param arguments its options
   */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new WorkerCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  private final Set<String> known = new HashSet<>();

  @Override
  public Integer call() throws IOException {
    PrintWriter print = spec.commandLine().getOut();
    int faults = 0;
    try (FuzzTarget opened = target.open(options.corpus, options.backend)) {
      if (file != null) {
        Sample sample = Damage.sampleOf(options.seed, from, opened.samples());
        Verdict verdict = Verdict.of(opened, sample, Files.readAllBytes(file));
        return verdict.kind() == Verdict.Kind.FAULT ? 1 : 0;
      }
      Journal journal = journalFile == null ? null : Journal.open(journalFile);
      for (long number = from; number < to; number++) {
        if (journal != null) {
          journal.at(number);
        }
        Sample sample = Damage.sampleOf(options.seed, number, opened.samples());
        byte[] bytes = Damage.ofCase(options.seed, number, opened.samples(), sample);
        Verdict verdict = Verdict.of(opened, sample, bytes);
        if (verdict.kind() == Verdict.Kind.FAULT) {
          faults++;
          report(print, opened, sample, number, bytes, verdict);
        } else if (verdict.kind() == Verdict.Kind.ACCEPTED && journal != null) {
          journal.accepted(journal.accepted() + 1);
        }
      }
      if (journal != null) {
        journal.at(to);
      }
    }
    return faults == 0 ? 0 : 1;
  }

  /** Prints a fault once, with the number of its first case, and keeps the smallest file. */
  private void report(
      PrintWriter print, FuzzTarget opened, Sample sample, long number, byte[] bytes, Verdict fault)
      throws IOException {
    if (!known.add(fault.says())) {
      return;
    }
    byte[] smallest = Minimizer.minimized(bytes, b -> same(opened, sample, b, fault), TRIES);
    Path kept = keep(options, target, sample, number, smallest);
    print.println(
        "fault: " + target + " case " + number + " (" + sample.name() + "): " + fault.says());
    print.println("  " + kept + ", " + smallest.length + " bytes of " + bytes.length);
    print.flush();
  }

  private static boolean same(FuzzTarget opened, Sample sample, byte[] bytes, Verdict fault) {
    try {
      return Verdict.of(opened, sample, bytes).equals(fault);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file that fails beside the others. */
  static Path keep(FuzzOptions options, TargetName target, Sample sample, long number, byte[] bytes)
      throws IOException {
    String name =
        target.name().toLowerCase(Locale.ROOT)
            + "-"
            + options.seed
            + "-"
            + number
            + "-"
            + sample.name().replaceAll(".*/", "");
    Files.createDirectories(options.out);
    return Files.write(options.out.resolve(name), bytes);
  }
}
