package io.github.blip2j.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Help.Ansi;

/**
 * A terminal's standard error, with a status line below what is printed: it is taken away before
 * anything else is written. Safe for many threads.
 */
final class TerminalWriter extends PrintWriter {
  private static final int STANDARD_ERROR = 2;

  private final Screen screen;
  private final boolean colours;

  /** On a terminal; {@code colours} if it shows them and the user wants them. */
  TerminalWriter(Writer terminal, boolean colours) {
    this(new Screen(terminal), colours);
  }

  private TerminalWriter(Screen screen, boolean colours) {
    super(screen, true);
    this.screen = screen;
    this.colours = colours;
  }

  /** Standard error: a terminal writer if it is a terminal, else one without a status line. */
  static PrintWriter standardError() {
    Writer target = new StreamWriter(System.err);
    return isTerminal(STANDARD_ERROR)
        ? new TerminalWriter(target, Ansi.AUTO.enabled())
        : new PrintWriter(target, true);
  }

  /** Shows a line instead of the one before; none if it is empty. */
  void status(String text) {
    screen.show(text);
  }

  /** A text in bold where colours are wanted. */
  static String bold(PrintWriter out, String text) {
    return styled(out, "\u001b[1m", text);
  }

  /** A text in red where colours are wanted. */
  static String red(PrintWriter out, String text) {
    return styled(out, "\u001b[31m", text);
  }

  private static String styled(PrintWriter out, String style, String text) {
    boolean plain = !(out instanceof TerminalWriter terminal && terminal.colours);
    return plain ? text : style + text + "\u001b[0m";
  }

  /** Whether what a file descriptor of this process is open on is a terminal. */
  static boolean isTerminal(int descriptor) {
    Path link = Path.of("/proc/self/fd", Integer.toString(descriptor));
    try {
      if (Files.isSymbolicLink(link)) {
        String target = Files.readSymbolicLink(link).toString();
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
      }
    } catch (IOException e) {
      return false; // it is closed
    }
    return hasConsole();
  }

  /** Where descriptors cannot be looked at: whether there is a terminal at all. */
  private static boolean hasConsole() {
    Console console = System.console();
    if (console == null || Runtime.version().feature() < 22) {
      return console != null;
    }
    try { // there is always a console since then
      return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** Text for a stream, in the encoding that the stream itself has. */
  private static final class StreamWriter extends Writer {
    private final PrintStream stream;

    StreamWriter(PrintStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(char[] text, int from, int length) {
      stream.print(new String(text, from, length));
    }

    @Override
    public void flush() {
      stream.flush();
    }

    @Override
    public void close() {
      flush(); // the process's
    }
  }

  /** What keeps the status line apart from the rest. */
  private static final class Screen extends Writer {
    private final Writer terminal;
    private int shown; // letters of the status line

    Screen(Writer terminal) {
      this.terminal = terminal;
    }

    private void show(String text) {
      synchronized (lock) {
        try {
          erase();
          terminal.write(text);
          terminal.flush();
          shown = text.length();
        } catch (IOException e) {
          shown = 0; // nobody looks any more
        }
      }
    }

    private void erase() throws IOException {
      if (shown > 0) {
        terminal.write("\r" + " ".repeat(shown) + "\r");
        shown = 0;
      }
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
      synchronized (lock) {
        erase();
        terminal.write(text, from, length);
      }
    }

    @Override
    public void flush() throws IOException {
      terminal.flush();
    }

    @Override
    public void close() throws IOException {
      terminal.close();
    }
  }
}
