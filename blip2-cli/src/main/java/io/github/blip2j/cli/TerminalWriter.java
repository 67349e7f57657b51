package io.github.blip2j.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;
import picocli.CommandLine.Help.Ansi;

/**
 * A terminal's standard error, with a status line below what is printed: it is taken away before
 * anything else is written. Safe for many threads.
 */
final class TerminalWriter extends PrintWriter {
  private static final int STANDARD_ERROR = 2;
  private static final int USUAL_COLUMNS = 80;

  private final Screen screen;
  private final boolean colours;

  private final IntSupplier columns;

  /** On a terminal of the usual width; {@code colours} if it shows them and the user wants them. */
  TerminalWriter(Writer terminal, boolean colours) {
    this(terminal, colours, () -> USUAL_COLUMNS);
  }

  /** On a terminal of as many columns. */
  TerminalWriter(Writer terminal, boolean colours, IntSupplier columns) {
    this(new Screen(terminal), colours, columns);
  }

  private TerminalWriter(Screen screen, boolean colours, IntSupplier columns) {
    super(screen, true);
    this.screen = screen;
    this.colours = colours;
    this.columns = columns;
  }

  /** Standard error: a terminal writer if it is a terminal, else one without a status line. */
  static PrintWriter standardError() {
    Writer target = new StreamWriter(System.err);
    if (!isTerminal(STANDARD_ERROR)) {
      return new PrintWriter(target, true);
    }
    TerminalWriter found =
        new TerminalWriter(target, Ansi.AUTO.enabled(), TerminalColumns::ofStandardError);
    // Of work that the user ends by Ctrl-C no half line stays in front of the shell's prompt.
    Runtime.getRuntime().addShutdownHook(new Thread(found::leave, "blip2-terminal"));
    return found;
  }

  /** How many letters a line of the terminal has now, or the usual number if nobody knows. */
  int columns() {
    int found = columns.getAsInt();
    return found > 0 ? found : USUAL_COLUMNS;
  }

  /** Shows a line instead of the one before; none if it is empty. */
  void status(String text) {
    screen.show(text);
  }

  /** Leaves the status line empty, and what a terminal writes behind it for Ctrl-C. */
  void leave() {
    screen.leave();
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

    /** In one write, and over what stands there: a line that is erased first flickers. */
    private void show(String text) {
      synchronized (lock) {
        try {
          String rest = " ".repeat(Math.max(0, shown - text.length()));
          if (shown > 0 || !text.isEmpty()) {
            terminal.write("\r" + text + rest + (text.isEmpty() ? "\r" : ""));
            terminal.flush();
          }
          shown = text.length();
        } catch (IOException e) {
          shown = 0; // nobody looks any more
        }
      }
    }

    private void leave() {
      synchronized (lock) {
        shown += shown > 0 ? "^C".length() : 0;
        show("");
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
