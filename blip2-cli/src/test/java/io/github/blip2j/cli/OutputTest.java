package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.retrieval.Match;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of JSON as commands print them, and what becomes of them if nobody can read them. */
class OutputTest {
  @Test
  void aFailureHasAllKeysOfAResult() {
    assertThat(Output.failure(RequestImages.one("a.png"), null, "expected \"x\",\nfound y"))
        .isEqualTo(
            "{\"image\":\"a.png\",\"prompt\":null,\"text\":null,\"token_ids\":null,"
                + "\"finish_reason\":null,\"error\":\"expected \\\"x\\\",\\nfound y\"}");
    assertThat(Output.failure(null, "what?", "no"))
        .startsWith("{\"image\":null,\"prompt\":\"what?\"");
  }

  @Test
  void theErrorOfALineIsFoundAgain() {
    assertThat(Output.error(Output.failure(RequestImages.one("a.png"), null, "it is \"broken\"")))
        .contains("it is \"broken\"");
    assertThat(Output.error("{\"text\":\"error\"}")).isEmpty();
    assertThat(Output.error("{\"error\":null}")).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Output.error("{"))
        .withMessage("expected a line of JSON, found {");
  }

  @Test
  void matchesAreInTheOrderOfTheirTexts() {
    List<Match> matches = List.of(new Match(0.25, 0.5), new Match(0.75, -0.125));
    assertThat(Output.matches("a.png", List.of("two", "one"), matches))
        .isEqualTo(
            "{\"image\":\"a.png\",\"texts\":[\"two\",\"one\"],"
                + "\"itm_probability\":[0.25,0.75],\"itc_similarity\":[0.5,-0.125]}");
  }

  @Test
  void aLineWithAKeyTwiceOrSomethingBehindItIsNone() {
    for (String line : new String[] {"{\"error\":\"a\",\"error\":\"b\"}", "{} {}"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> Output.error(line));
    }
  }

  /** Fails from a byte on, as a full disk does. */
  private static final class Full extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final int room;
    private int tries;

    Full(int room) {
      this.room = room;
    }

    @Override
    public void write(int b) throws IOException {
      tries++;
      if (written.size() == room) {
        throw new IOException("no space left");
      }
      written.write(b);
    }
  }

  @Test
  void theFirstWriteThatFailsIsToldAndNothingFollows() {
    Full full = new Full(2);
    ResultStream stream = new ResultStream(full);
    stream.write('a');
    stream.write(new byte[] {'x', 'b', 'y'}, 1, 1);
    assertThatThrownBy(() -> stream.write('c'))
        .isInstanceOf(LostOutputException.class)
        .hasRootCauseMessage("no space left");
    stream.write('d');
    stream.write(new byte[] {'e'}, 0, 1);
    stream.flush();
    stream.close();
    assertThat(full.written.toString(StandardCharsets.UTF_8)).isEqualTo("ab");
    assertThat(full.tries).as("nothing more was tried").isEqualTo(3);
  }

  /** A print writer swallows an IOException, and would go on in silence. */
  @Test
  void aPrintWriterDoesNotKeepQuietAboutIt() {
    PrintWriter writer =
        new PrintWriter(
            new OutputStreamWriter(new ResultStream(new Full(0)), StandardCharsets.UTF_8));
    writer.print("x");
    assertThatThrownBy(writer::flush).isInstanceOf(LostOutputException.class);
  }
}
