package io.github.blip2j.cli;

import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.search.IndexException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * How the program says what went wrong: one line on standard error, and a status: 2 for arguments
 * that are wrong, 1 for what could not be done. Where in the program it was is for {@code
 * --verbose}.
 */
final class Faults implements IExecutionExceptionHandler, IParameterExceptionHandler {
  /** The status of a run of which something could not be done. */
  static final int FAILED = 1;

  /** The status of a run whose arguments are wrong. */
  static final int USAGE = 2;

  private final Main program;

  Faults(Main program) {
    this.program = program;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine line = e.getCommandLine();
    String command = line.getCommandSpec().qualifiedName();
    String text = oneLine(String.valueOf(e.getMessage()));
    if (text.startsWith("Missing required subcommand")) {
      text += ": one of " + String.join(", ", line.getSubcommands().keySet());
    }
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> similar = unmatched.getSuggestions();
      text += similar.isEmpty() ? "" : " (similar: " + String.join(", ", similar) + ")";
    }
    say(line.getErr(), text + "; " + command + " --help explains them");
    return USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
    return failed(line.getErr(), e);
  }

  /** Says what happened, and gives the status. */
  int failed(PrintWriter err, Throwable e) {
    say(err, oneLine(text(e)));
    if (program.verbose) {
      e.printStackTrace(err);
      err.flush();
    }
    return e instanceof IllegalArgumentException ? USAGE : FAILED;
  }

  /** Says in one line, where a person sees it, what could not be done. */
  static void say(PrintWriter err, String text) {
    err.println(TerminalWriter.red(err, "blip2:") + " " + text);
    err.flush();
  }

  private static String text(Throwable e) {
    if (e instanceof OutOfMemoryError) {
      return "expected more memory than "
          + (Runtime.getRuntime().maxMemory() >> 20)
          + " MiB of Java's heap, found no more ("
          + e.getMessage()
          + "); JAVA_OPTS=-Xmx8g lets it have 8 GiB";
    }
    if (e instanceof FileSystemException file) {
      return text(file);
    }
    boolean ours =
        e instanceof Blip2Exception
            || e instanceof IndexException
            || e instanceof IOException
            || e instanceof UncheckedIOException
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException;
    return ours && e.getMessage() != null
        ? e.getMessage()
        : "unexpected " + oneLine(e.toString()) + "; --verbose shows where, for a report";
  }

  /** Their messages alone are names of files. */
  private static String text(FileSystemException e) {
    String what =
        e instanceof NoSuchFileException
            ? "found no such file"
            : e instanceof AccessDeniedException
                ? "found that this user may not"
                : "found " + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason());
    return e.getFile() + ": expected a file that can be read or written, " + what;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
