package io.github.blip2j.bench.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code blip2-bench fuzz}: damaged files of every kind that the library reads. Each must be read,
 * or refused with an exception of the library, within two seconds of a processor and a small heap;
 * and the JVM must live on.
 */
@Command(
    name = "fuzz",
    description = "Tries damaged files on everything that reads files; exits with 1 for a fault.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class FuzzCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin FuzzOptions options;

  @Option(
      names = "--target",
      split = ",",
      description = "Some of ${COMPLETION-CANDIDATES} (default: all).")
  @Nullable List<TargetName> targets;

  @Option(
      names = "--cases",
      description = "Of each target (default: a number of its own, some seconds' worth).")
  @Nullable Long cases;

  @Option(names = "--from", description = "Number of the first case (default: ${DEFAULT-VALUE}).")
  long from;

  @Option(
      names = "--patience",
      description = "Seconds that one case may take before it counts as endless.")
  int patience = 120;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter print = spec.commandLine().getOut();
    List<TargetName> chosen = targets == null ? Arrays.asList(TargetName.values()) : targets;
    print.println("seed " + options.seed + ", corpus " + options.corpus);
    List<String> faulty = new ArrayList<>();
    for (TargetName target : chosen) {
      long count = cases == null ? target.shortCases() : cases;
      long start = System.nanoTime();
      Campaign campaign = new Campaign(options, target, patience, print);
      Campaign.Outcome outcome = campaign.run(from, from + count);
      print.println(
          String.format(
              Locale.ROOT,
              "%-15s %7d cases, %7d accepted, %d deaths, %s, %.0f s",
              target.name().toLowerCase(Locale.ROOT),
              count,
              outcome.accepted(),
              outcome.deaths(),
              outcome.faulty() ? "FAULTS" : "no fault",
              (System.nanoTime() - start) / 1e9));
      print.flush();
      if (outcome.faulty()) {
        faulty.add(target.name());
      }
    }
    if (faulty.isEmpty()) {
      return 0;
    }
    print.println("Faults of " + faulty + "; files that show them: " + options.out);
    return 1;
  }
}
