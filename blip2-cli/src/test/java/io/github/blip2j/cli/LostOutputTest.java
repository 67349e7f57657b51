package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.blip2j.testkit.Fixtures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Output that does not arrive is a failure, and ends the work. */
class LostOutputTest {
  private static final String MODEL = Fixtures.directory("tiny-opt").toString();
  private static final String IMAGE = Fixtures.image("tiny.png").toString();

  /** A pipe that takes some bytes before its reader goes. */
  private static final class Pipe extends OutputStream {
    private int room;

    Pipe(int room) {
      this.room = room;
    }

    @Override
    public void write(int b) throws IOException {
      if (room-- <= 0) {
        throw new IOException("Broken pipe");
      }
    }
  }

  /** Input that says how many lines were asked for. */
  private static final class Counted extends InputStream {
    private final byte[] line;
    private int at;
    private int lines;

    Counted(String line) {
      this.line = line.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int read() {
      if (at == line.length) {
        at = 0;
        lines++;
      }
      return line[at++];
    }

    @Override
    public int read(byte[] bytes, int from, int length) {
      bytes[from] = (byte) read(); // no line ahead of its time
      return 1;
    }
  }

  private record Result(int status, String err) {}

  private static Result run(int room, String... arguments) {
    StringWriter err = new StringWriter();
    PrintWriter out =
        new PrintWriter(
            new OutputStreamWriter(new ResultStream(new Pipe(room)), StandardCharsets.UTF_8));
    int status = Main.run(Main.commandLine().setOut(out).setErr(new PrintWriter(err)), arguments);
    return new Result(status, err.toString());
  }

  @Test
  void everyCommandSaysWhenItsOutputIsLost() {
    for (List<String> arguments :
        List.of(
            List.of("--help"),
            List.of("caption", "--help"),
            List.of("--version"),
            List.of("cache", "list"),
            List.of("caption", "--model", MODEL, IMAGE),
            List.of("caption", "--model", MODEL, "--stream", IMAGE),
            List.of("caption", "--model", MODEL, "--json", "none.png"),
            List.of("ask", "--model", MODEL, IMAGE, "what?"),
            List.of("rank", "--model", MODEL, IMAGE, "a", "b"),
            List.of("embed", "--model", MODEL, "--image", IMAGE),
            List.of("chat", "--model", MODEL, IMAGE))) {
      Result result = run(0, arguments.toArray(String[]::new));
      assertThat(result.status()).as("%s", arguments).isEqualTo(1);
      assertThat(result.err())
          .as("%s", arguments)
          .endsWith("blip2: standard output: Broken pipe\n");
    }
  }

  @Test
  void aClosedPipeStopsABatchAtOnce() {
    Counted endless = new Counted("{\"image\": \"" + IMAGE + "\", \"max_new_tokens\": 1}\n");
    InputStream before = System.in;
    System.setIn(endless);
    try {
      Result result = run(300, "batch", "--model", MODEL);
      assertThat(result.status()).isEqualTo(1);
      assertThat(result.err()).isEqualTo("blip2: standard output: Broken pipe\n");
      assertThat(endless.lines).isBetween(1, 6);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aClosedPipeStopsAConversationAndImages() {
    String[] many = new String[3 + 500];
    java.util.Arrays.fill(many, IMAGE);
    System.arraycopy(new String[] {"caption", "--model", MODEL}, 0, many, 0, 3);
    assertThat(run(1000, many).err()).isEqualTo("blip2: standard output: Broken pipe\n");
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("what?\n".repeat(5).getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(run(20, "chat", "--model", MODEL, IMAGE).status()).isEqualTo(1);
    } finally {
      System.setIn(before);
    }
  }

  /** Behind the first failure nothing more is thrown: it has been said. */
  @Test
  void theFirstLossIsTheOneThatIsThrown() {
    ResultStream stream = new ResultStream(new Pipe(1));
    stream.write('a');
    assertThatExceptionOfType(LostOutputException.class).isThrownBy(() -> stream.write('b'));
    stream.write('c');
    stream.flush();
    stream.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "chat"})
  void inputThatCannotBeReadIsAFailure(String command) {
    InputStream before = System.in;
    System.setIn(
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("Bad file descriptor");
          }
        });
    try {
      String[] arguments = {command, "--model", MODEL, IMAGE};
      Run run =
          Run.on(command.equals("batch") ? List.of("batch", "--model", MODEL) : List.of(arguments));
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).isEqualTo("blip2: standard input: Bad file descriptor\n");
    } finally {
      System.setIn(before);
    }
  }
}
