package io.github.blip2j.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How wide the terminal is, which Java does not know: {@code stty} does, of Linux and macOS.
 * JLine's terminal, which edits the lines of a conversation, would be opened on standard output.
 */
final class TerminalColumns {
  private static final Pattern SIZE = Pattern.compile("\\s*\\d+\\s+(\\d+)\\s*"); // rows, columns
  private static final long PATIENCE = 2; // seconds

  private TerminalColumns() {}

  /** Of the terminal that standard error goes to; 0 if nobody knows. */
  static int ofStandardError() {
    return of(new File("/dev/stderr"));
  }

  /** Of a terminal's device; 0 if that is none, or nobody knows. */
  static int of(File terminal) {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(terminal)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!stty.waitFor(PATIENCE, TimeUnit.SECONDS)) {
        stty.destroyForcibly();
        return 0;
      }
      return columns(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      return 0; // no such program or device
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** The second of two numbers; 0 if a text is something else. */
  static int columns(String size) {
    Matcher found = SIZE.matcher(size);
    return found.matches() && found.group(1).length() < 6 ? Integer.parseInt(found.group(1)) : 0;
  }
}
