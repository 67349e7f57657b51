package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.Fixtures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every fault of a user is one line that says what was expected and found, and a status. */
class FaultsTest {
  private static final String OPT = Fixtures.directory("tiny-opt").toString();
  private static final String ITM = Fixtures.directory("tiny-itm").toString();
  private static final String IMAGE = Fixtures.image("tiny.png").toString();

  @TempDir static Path folder;

  /** A fault: the status, words of its line, and the arguments. */
  private record Fault(int status, String words, List<String> arguments) {
    static Fault of(int status, String words, String... arguments) {
      return new Fault(status, words, List.of(arguments));
    }
  }

  /** Of every command: what is asked for is wrong. */
  private static Stream<Fault> usage() {
    return Stream.of(
        Fault.of(2, "Missing required subcommand: one of caption, ask, "),
        Fault.of(2, "caption", "captoin"),
        Fault.of(2, "--no-such", "--no-such"),
        Fault.of(2, "Missing required parameter: 'IMAGE", "caption"),
        Fault.of(2, ", --prompt)", "caption", "--promt", "x", IMAGE),
        Fault.of(2, "'x' is not an int", "caption", "--batch", "x", IMAGE),
        Fault.of(2, "Missing required parameter for option '--model'", "caption", IMAGE, "--model"),
        Fault.of(2, "(gpu)", "caption", "--device", "gpu", IMAGE),
        Fault.of(2, "max_new_tokens (0)", "caption", "--max-new-tokens", "0", IMAGE),
        Fault.of(2, "found alt.txt", "caption", "--output", "alt.txt", IMAGE),
        Fault.of(2, "found 5/4", "caption", "--output", "a.csv", "--shard", "5/4", IMAGE),
        Fault.of(2, "nothing is downloaded", "caption", "https://example.org/a.png"),
        Fault.of(2, "Missing required parameter: 'QUESTION", "ask", IMAGE),
        Fault.of(2, "must have exactly one {}", "ask", "--template", "x", IMAGE, "what?"),
        Fault.of(2, "Missing required parameter: 'IMAGE", "chat"),
        Fault.of(2, "--chat-template", "chat", "--chat-template"),
        Fault.of(2, "must be 1 for a conversation", "chat", "--num-beams", "2", IMAGE),
        Fault.of(2, "CANDIDATE", "rank", IMAGE),
        Fault.of(2, "'--output=FILE'", "encode", IMAGE),
        Fault.of(2, "TEXT", "match", IMAGE),
        Fault.of(2, "--image or --text must be given", "embed"),
        Fault.of(2, "IMAGE", "attention"),
        Fault.of(2, "--no-such", "mcp", "--no-such"),
        Fault.of(2, "--examples", "train", "--output", "run"),
        Fault.of(2, "Missing required subcommand", "index"),
        Fault.of(2, "'--index=DIR'", "index", "add", IMAGE),
        Fault.of(2, "--rerank (-1)", "index", "search", "--index", "i", "--rerank", "-1", "x"),
        Fault.of(2, "expected an index", "index", "search", "--index", "none", "x"),
        Fault.of(2, "expected an index", "index", "delete", "--index", "none", "x"),
        Fault.of(2, "--precision or --draft must be given", "quality", IMAGE),
        Fault.of(2, "(int3)", "quality", "--precision", "int3", IMAGE),
        Fault.of(2, "Missing required subcommand: one of clear, list;", "cache"),
        Fault.of(2, "--keep (-1", "cache", "clear", "--keep", "-1"),
        Fault.of(2, "(gpu)", "doctor", "--device", "gpu"),
        Fault.of(2, "'x' is not an int", "serve", "--port", "x"),
        Fault.of(2, "Missing required parameter: 'MODEL'", "download"),
        Fault.of(2, "'--output=DIR'", "convert", OPT),
        Fault.of(2, "--no-such", "batch", "--no-such"),
        Fault.of(2, "--no-such", "completion", "--no-such"));
  }

  /** Of every command: what it needs is not there or cannot be used. */
  private static Stream<Fault> failures() {
    return Stream.of(
        Fault.of(1, "/no/such", "caption", "--model", "/no/such", IMAGE),
        Fault.of(1, "owner/none", "ask", "--model", "owner/none", IMAGE, "what?"),
        Fault.of(1, "none.png", "caption", "--model", OPT, "none.png"),
        Fault.of(1, "none.png", "ask", "--model", OPT, "none.png", "what?"),
        Fault.of(1, "none.png", "chat", "--model", OPT, "none.png"),
        Fault.of(1, "none.png", "rank", "--model", OPT, "none.png", "a"),
        Fault.of(1, "none.png", "encode", "--model", OPT, "--output", "x", "none.png"),
        Fault.of(1, "none.png", "match", "--model", ITM, "none.png", "a"),
        Fault.of(1, "none.png", "embed", "--model", ITM, "--image", "none.png"),
        Fault.of(1, "none.png", "index", "add", "--model", ITM, "--index", "i", "none.png"),
        Fault.of(1, "none.png", "quality", "--model", OPT, "--precision", "int8", "none.png"),
        Fault.of(1, "/no/such", "serve", "--port", "0", "--model", "/no/such"),
        Fault.of(1, "/no/such", "batch", "--model", "/no/such"),
        Fault.of(1, "none", "caption", "--model", OPT, "--backend", "none", IMAGE));
  }

  private static Stream<Fault> wrongModels() {
    return Stream.of(
        Fault.of(2, "expected a checkpoint that writes text", "caption", "--model", ITM, IMAGE),
        Fault.of(2, "expected a checkpoint that matches", "match", "--model", OPT, IMAGE, "a"));
  }

  @ParameterizedTest
  @MethodSource({"usage", "failures", "wrongModels"})
  void isOneLineAndAStatus(Fault fault) {
    Run run = Run.of(fault.arguments().toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isEqualTo(fault.status());
    assertThat(run.err().lines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("blip2: ").contains(fault.words());
    assertThat(run.err())
        .doesNotContain("Exception")
        .doesNotContain("\tat ")
        .doesNotContain("null");
  }

  /** So that a new command has its line in the table. */
  @Test
  void theTableHasEveryCommand() {
    List<String> named =
        Stream.concat(usage(), failures())
            .map(f -> f.arguments().isEmpty() ? "" : f.arguments().get(0))
            .toList();
    assertThat(named).containsAll(Main.commandLine().getSubcommands().keySet());
  }

  @Test
  void whereItWasIsForWhoAsks() {
    Run run = Run.of("caption", "--verbose", "--model", "/no/such", IMAGE);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).startsWith("blip2: ").contains("CheckpointException").contains("\tat ");
    Run before = Run.of("--verbose", "caption", "--model", "/no/such", IMAGE);
    assertThat(before.err()).contains("\tat ");
  }

  @Test
  void filesThatCannotBeReadOrWrittenAreNamed() throws Exception {
    Path file = folder.resolve("no index");
    Files.writeString(file, "x");
    Run index = Run.of("index", "search", "--model", ITM, "--index", file.toString(), "a");
    assertThat(index.err()).contains(file + ": expected an index, found no directory");
    Path into = folder.resolve("none").resolve("x.safetensors");
    Run encode = Run.of("encode", "--model", OPT, "--output", into.toString(), IMAGE);
    assertThat(encode.status()).isLessThan(2);
    assertThat(encode.err().lines()).hasSizeLessThan(2);
  }

  private static String said(Throwable e, boolean verbose) {
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    Main program = line.getCommand();
    program.verbose = verbose;
    assertThat(new Faults(program).failed(new PrintWriter(err), e)).isEqualTo(1);
    return err.toString();
  }

  @Test
  void whatNobodyExpectedIsOneLineToo() {
    assertThat(said(new NullPointerException("oops\n  two\n"), false))
        .isEqualTo(
            "blip2: unexpected java.lang.NullPointerException: oops two;"
                + " --verbose shows where, for a report\n");
    assertThat(said(new IllegalStateException(), false))
        .startsWith("blip2: unexpected java.lang.IllegalStateException");
    assertThat(said(new OutOfMemoryError("Java heap space"), false))
        .startsWith("blip2: expected more memory than ")
        .contains("(Java heap space); JAVA_OPTS=-Xmx8g");
    assertThat(said(new NoSuchFileException("a/b"), false))
        .isEqualTo("blip2: a/b: expected a file that can be read or written, found no such file\n");
    assertThat(said(new AccessDeniedException("a/b"), false)).contains("this user may not");
    assertThat(said(new NullPointerException("x"), true))
        .contains("\tat " + FaultsTest.class.getName());
  }

  /** Errors of the virtual machine do not pass as stack traces either. */
  @Test
  void aHeapThatIsFullIsALine() {
    CommandLine line = Main.commandLine();
    StringWriter err = new StringWriter();
    line.setErr(new PrintWriter(err));
    line.addSubcommand("burst", new Burst());
    assertThat(Main.run(line, "burst")).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).startsWith("blip2: expected more memory");
  }

  /** A command that needs more than there is. */
  @CommandLine.Command(name = "burst")
  static final class Burst implements Runnable {
    @Override
    public void run() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void colouredOnlyWhereColoursAreWanted() {
    StringWriter shown = new StringWriter();
    CommandLine line = Main.commandLine().setErr(new TerminalWriter(shown, true));
    List<String> arguments = new ArrayList<>(List.of("caption", "--model", "/no/such", IMAGE));
    Main.run(line, arguments.toArray(String[]::new));
    assertThat(shown.toString()).startsWith("\u001b[31mblip2:\u001b[0m ");
  }
}
