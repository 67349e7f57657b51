package io.github.blip2j.bench;

import io.github.blip2j.bench.fuzz.FuzzCommand;
import io.github.blip2j.bench.serving.ServeLoadCommand;
import io.github.blip2j.bench.soak.SoakCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks that are commands. */
@Command(
    name = "blip2-bench",
    description = "Measures BLIP-2 at real size.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RandomCheckpointCommand.class,
      FullSizeCaptionCommand.class,
      QuestionsCommand.class,
      RoundingCommand.class,
      DeviceCommand.class,
      LoadCommand.class,
      SearchCommand.class,
      PreprocessCommand.class,
      SoakCommand.class,
      FuzzCommand.class,
      ServeLoadCommand.class,
      BandwidthCommand.class
    })
public final class Main {
  private Main() {}

  /**
   * Runs a command and exits.
   *
   * @param arguments the command and its options
   */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments));
  }
}
