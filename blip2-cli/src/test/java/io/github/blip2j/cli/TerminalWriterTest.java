package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalWriterTest {
  @TempDir Path folder;

  @Test
  void theStatusLineStaysBelowWhatIsPrinted() {
    StringWriter shown = new StringWriter();
    TerminalWriter terminal = new TerminalWriter(shown, false);
    terminal.status("a long status line");
    terminal.status("short");
    assertThat(Screens.lastLine(shown.toString())).isEqualTo("short");
    terminal.println("printed");
    terminal.status("again");
    terminal.printf("%d%n", 5);
    terminal.status("end");
    assertThat(Screens.lines(shown.toString())).containsExactly("printed", "5", "end");
    terminal.status("");
    assertThat(Screens.lastLine(shown.toString())).isEmpty();
  }

  /** What is erased first and written then is not there in between: it flickers. */
  @Test
  void aLineTakesThePlaceOfAnotherInOneWrite() {
    List<String> writes = new ArrayList<>();
    TerminalWriter terminal = new TerminalWriter(noting(writes), false);
    terminal.status("one two three");
    terminal.status("one");
    terminal.status("one four");
    terminal.status("");
    terminal.status("");
    assertThat(writes)
        .containsExactly("\rone two three", "\rone          ", "\rone four", "\r        \r");
  }

  /** The terminal writes "^C" itself, where the cursor is. */
  @Test
  void whoEndsTheWorkFindsAnEmptyLine() {
    StringWriter shown = new StringWriter();
    TerminalWriter terminal = new TerminalWriter(shown, false);
    terminal.leave();
    assertThat(shown.toString()).as("nothing was shown").isEmpty();
    terminal.status("captions 1/2");
    shown.write("^C");
    terminal.leave();
    assertThat(Screens.lines(shown.toString())).containsExactly("");
    assertThat(shown.toString()).endsWith("\r");
  }

  @Test
  void aWidthThatNobodyKnowsIsTheUsualOne() {
    assertThat(new TerminalWriter(new StringWriter(), false, () -> 0).columns()).isEqualTo(80);
    assertThat(new TerminalWriter(new StringWriter(), false, () -> 132).columns()).isEqualTo(132);
  }

  @Test
  void coloursAreForTerminalsThatWantThem() {
    PrintWriter with = new TerminalWriter(new StringWriter(), true);
    PrintWriter without = new TerminalWriter(new StringWriter(), false);
    assertThat(TerminalWriter.red(with, "blip2")).isEqualTo("\u001b[31mblip2\u001b[0m");
    assertThat(TerminalWriter.bold(with, "blip2")).isEqualTo("\u001b[1mblip2\u001b[0m");
    assertThat(TerminalWriter.bold(without, "blip2")).isEqualTo("blip2");
    assertThat(TerminalWriter.red(new PrintWriter(new StringWriter()), "x")).isEqualTo("x");
  }

  /** Progress is no reason to end: whoever looked at it has gone. */
  @Test
  void aTerminalThatIsGoneIsNoFailure() {
    Writer gone =
        terminal(
            text -> {
              throw new IOException("Input/output error");
            });
    TerminalWriter terminal = new TerminalWriter(gone, false);
    terminal.status("one");
    terminal.status("two");
    terminal.println("three");
    assertThat(terminal.checkError()).isTrue();
  }

  private static Writer noting(List<String> writes) {
    return terminal(writes::add);
  }

  /** What is told of every single write. */
  private interface Sink {
    void accept(String text) throws IOException;
  }

  private static Writer terminal(Sink sink) {
    return new Writer() {
      @Override
      public void write(char[] text, int from, int length) throws IOException {
        sink.accept(new String(text, from, length));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  /** In a process whose standard error is a file. */
  @Test
  void aFileIsNoTerminal() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Kind.class.getName())
            .redirectError(folder.resolve("err.txt").toFile())
            .redirectOutput(folder.resolve("out.txt").toFile())
            .start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(folder.resolve("out.txt")).hasContent("false PrintWriter");
    assertThat(folder.resolve("err.txt")).hasContent("näh");
  }

  /** Says what this process takes its standard error for. */
  static final class Kind {
    private Kind() {}

    public static void main(String[] arguments) {
      PrintWriter err = TerminalWriter.standardError();
      System.out.println(TerminalWriter.isTerminal(2) + " " + err.getClass().getSimpleName());
      err.println("n\u00e4h");
    }
  }
}
