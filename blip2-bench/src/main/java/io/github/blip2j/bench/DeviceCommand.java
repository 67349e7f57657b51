package io.github.blip2j.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code blip2-bench device}: everything that is to be known of a device, in one run of a few
 * minutes: whether its tokens are the CPU's, and how fast it is at real size.
 */
@Command(
    name = "device",
    description = {
      "Checks a device and measures it at real size, in one run.",
      "Each step says what it found and how long it took; one that fails does not keep the others",
      "from running, one for which no time is left says so. Exit status 1 if a step failed."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class DeviceCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--device", description = "cpu or cuda:N (default: ${DEFAULT-VALUE}).")
  String device = "cuda:0";

  @Option(names = "--backend", description = "Default: ${DEFAULT-VALUE}.")
  String backend = "onnx";

  @Option(names = "--out", required = true, description = "Folder for what the run writes.")
  Path out;

  @Option(names = "--image", required = true, description = "An image.")
  Path image;

  @Option(
      names = "--model",
      description = "A checkpoint of real size (default: random weights of blip2-opt-2.7b).")
  @Nullable Path model;

  @Option(names = "--config", description = "A config.json of your own for the random weights.")
  @Nullable Path config;

  @Option(
      names = "--precision",
      split = ",",
      description = "Of the measurements (default: ${DEFAULT-VALUE}).")
  List<String> precisions = List.of("float16", "float32");

  @Option(names = "--seconds", description = "Of the whole run (default: ${DEFAULT-VALUE}).")
  int seconds = 350;

  private long start;
  private boolean failed;

  /** What one step does; gives what it found. */
  private interface Step {
    String run() throws IOException;
  }

  @Override
  public Integer call() {
    start = System.nanoTime();
    DeviceSteps steps = new DeviceSteps(device, backend, out, image);
    step("device", steps::usable);
    step("tokens", () -> steps.tokens(precisions));
    List<Path> models = new ArrayList<>();
    if (model == null) {
      step("checkpoint", () -> steps.checkpoint(config, models));
    } else {
      models.add(model);
    }
    for (String precision : precisions) {
      String name = "real size, " + precision;
      if (models.isEmpty()) {
        say(name, "left out: there is no checkpoint");
      } else {
        step(name, () -> steps.measured(models.get(0), precision, this::left));
      }
    }
    say("whole run", (seconds - left()) + " s of " + seconds);
    return failed ? 1 : 0;
  }

  private long left() {
    return seconds - (System.nanoTime() - start) / 1_000_000_000L;
  }

  private void step(String name, Step step) {
    if (left() <= 0) {
      say(name, "left out: no time is left of " + seconds + " s");
      return;
    }
    long begun = System.nanoTime();
    String found;
    try {
      found = step.run();
    } catch (IOException | RuntimeException | LinkageError e) {
      failed = true;
      found = "FAILED: " + e;
    }
    double took = (System.nanoTime() - begun) / 1e9;
    say(name, String.format(Locale.ROOT, "%s (%.1f s)", found, took));
  }

  private void say(String name, String what) {
    PrintWriter printed = spec.commandLine().getOut();
    printed.println(name + ": " + what);
    printed.flush();
  }
}
