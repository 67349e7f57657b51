package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.Fixtures;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** When a conversation's output is seen, by the flushes between what is written. */
class ChatOutputTest {
  private static final String FLUSHED = "(flushed)";

  /** Notes what is written, and when it would be seen. */
  private static final class Noting extends Writer {
    private final List<String> noted = new ArrayList<>();

    @Override
    public void write(char[] text, int from, int length) {
      noted.add(new String(text, from, length));
    }

    @Override
    public void flush() {
      noted.add(FLUSHED);
    }

    @Override
    public void close() {}
  }

  /** The line editor of a terminal writes past this stream: what waits in it comes a line late. */
  @Test
  void whatALineAsksForIsSeenBeforeTheNextOneIsAskedFor() {
    Noting out = new Noting();
    InputStream before = System.in;
    String input = "what is it?\n/history\n/undo\n/nothing\n/image none.png\n";
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
      line.setErr(new PrintWriter(new StringWriter()));
      String model = Fixtures.directory("tiny-opt").toString();
      String image = Fixtures.image("landscape.png").toString();
      assertThat(Main.run(line, "chat", "--max-new-tokens", "2", "--model", model, image)).isZero();
    } finally {
      System.setIn(before);
    }
    List<String> noted = out.noted;
    int prompts = 0;
    for (int i = 1; i < noted.size(); i++) {
      if (noted.get(i).equals("> ")) {
        prompts++;
        assertThat(noted.get(i - 1))
            .as("before prompt %d of %s", prompts, noted)
            .isEqualTo(FLUSHED);
      }
    }
    assertThat(prompts).isEqualTo(5);
    assertThat(String.join("", noted)).contains("what is it?").contains("undone").contains("none");
  }
}
