package io.github.blip2j.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;

/** The program: looks at images and writes text about them. */
@Command(
    name = "blip2",
    description = "Looks at images and writes text about them, with BLIP-2.",
    mixinStandardHelpOptions = true,
    version = "blip2 0.1.0",
    footer = {
      "",
      "Exit status: 0 all is done, 1 something failed, 2 the arguments are wrong.",
      "",
      "Example:",
      "  blip2 caption --model Salesforce/blip2-opt-2.7b photo.jpg"
    })
public final class Main {
  private static final List<Class<?>> COMMANDS =
      List.of(
          CaptionCommand.class,
          AskCommand.class,
          ChatCommand.class,
          RankCommand.class,
          EncodeCommand.class,
          MatchCommand.class,
          EmbedCommand.class,
          AttentionCommand.class,
          IndexCommand.class,
          ServeCommand.class,
          McpCommand.class,
          QualityCommand.class,
          DownloadCommand.class,
          CacheCommand.class,
          ConvertCommand.class,
          TrainCommand.class,
          DoctorCommand.class,
          BatchCommand.class,
          CompletionCommand.class);

  /** Lucene's advice, on later versions of Java, to take another version of Lucene. */
  private static final Logger ADVICE =
      Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

  /** By default Java sends no password to a proxy that makes tunnels. */
  private static final String TUNNEL_LOGIN = "jdk.http.auth.tunneling.disabledSchemes";

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Of a failure also where in the program it was.")
  boolean verbose;

  private Main() {}

  /**
   * Runs the program and exits: 0 if all went well, 1 if something could not be done, 2 if the
   * arguments are wrong.
   *
   * @param arguments a command and its options
   */
  public static void main(String[] arguments) {
    if (System.getProperty(TUNNEL_LOGIN) == null) {
      System.setProperty(TUNNEL_LOGIN, "");
    }
    System.exit(
        run(
            commandLine(arguments)
                .setOut(ResultStream.standardOutput())
                .setErr(TerminalWriter.standardError()),
            arguments));
  }

  /** The status of a run whose every result has arrived, or 1. */
  static int run(CommandLine line, String... arguments) {
    line.setExecutionStrategy(parsed -> arrived(line, () -> new RunLast().execute(parsed)));
    int status = arrived(line, () -> line.execute(arguments));
    return Math.max(
        status,
        arrived(
            line,
            () -> {
              line.getOut().flush();
              return 0;
            }));
  }

  /**
   * A command's own loss is told as its failure; this is that of help and of the last bytes, and
   * what no command expects.
   */
  private static int arrived(CommandLine line, IntSupplier printing) {
    try {
      return printing.getAsInt();
    } catch (LostOutputException | OutOfMemoryError | StackOverflowError | LinkageError e) {
      return new Faults(line.getCommand()).failed(line.getErr(), e);
    }
  }

  /** The program with all its commands. */
  static CommandLine commandLine() {
    return having(COMMANDS);
  }

  /**
   * The program with what some arguments need of it: the command that they begin with alone, since
   * to read all commands' options takes longer than much that a command does; or all commands if
   * they begin with none, or with one that looks at the others.
   */
  static CommandLine commandLine(String... arguments) {
    Optional<String> first =
        Arrays.stream(arguments).filter(argument -> !argument.startsWith("-")).findFirst();
    return having(
        COMMANDS.stream()
            .filter(command -> command != CompletionCommand.class)
            .filter(command -> first.filter(name(command)::equals).isPresent())
            .findFirst()
            .<List<Class<?>>>map(List::of)
            .orElse(COMMANDS));
  }

  private static String name(Class<?> command) {
    return Objects.requireNonNull(command.getAnnotation(Command.class)).name();
  }

  private static CommandLine having(List<Class<?>> commands) {
    ADVICE.setLevel(Level.SEVERE);
    Main program = new Main();
    CommandLine line = new CommandLine(program);
    commands.forEach(line::addSubcommand);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExpandAtFiles(false); // a question may begin with @, and is not the name of a file
    Faults faults = new Faults(program);
    line.setExecutionExceptionHandler(faults);
    line.setParameterExceptionHandler(faults);
    return line;
  }
}
