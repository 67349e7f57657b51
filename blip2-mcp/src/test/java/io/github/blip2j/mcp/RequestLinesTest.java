package io.github.blip2j.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What reaches the protocol's library, and what is answered before. */
class RequestLinesTest {
  private static final String NOTE = "{\"jsonrpc\":\"2.0\",\"method\":\"note\"}\n";
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  private static final Duration LONG = Duration.ofMinutes(1);

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AnswerLines answers = new AnswerLines(written, ended::countDown);

  private RequestLines lines(String input, int longest, Duration patience) {
    InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    return new RequestLines(in, answers, longest, patience, ended::countDown);
  }

  private String passed(String input) throws IOException {
    try (RequestLines lines = lines(input, 100, Duration.ofMillis(1))) {
      return new String(lines.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private JsonNode answer() throws IOException {
    assertThat(written.toString(StandardCharsets.UTF_8)).endsWith("}\n");
    return new ObjectMapper().readTree(written.toByteArray());
  }

  @Test
  void messagesPassAsTheyAre() throws IOException {
    assertThat(passed(NOTE + PING + "\n\r\n" + NOTE)).isEqualTo(NOTE + PING + NOTE);
    assertThat(passed(NOTE.strip())).as("without a line's end").isEqualTo(NOTE);
    assertThat(written.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "rubbish", "{\"jsonrpc\":\"2.0\",", "\u0000", "[1,"})
  void aLineThatIsNoJsonIsAnsweredAndTheNextPasses(String line) throws IOException {
    assertThat(passed(line + "\n" + NOTE)).isEqualTo(NOTE);
    assertThat(answer().at("/error/code").asInt()).isEqualTo(-32700);
    assertThat(answer().get("id").isNull()).isTrue();
    assertThat(answer().at("/error/message").asText()).startsWith("a line must be JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "5",
        "{}",
        "{\"jsonrpc\":\"1.0\",\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":5}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":null}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":{}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":1.5}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":1,\"params\":[1]}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"
      })
  void whatIsNoMessageIsAnsweredAndTheNextPasses(String line) throws IOException {
    assertThat(passed(line + "\n" + NOTE)).isEqualTo(NOTE);
    assertThat(answer().at("/error/code").asInt()).isEqualTo(-32600);
    assertThat(answer().at("/error/message").asText()).contains("JSON-RPC 2.0");
  }

  @Test
  void aLineThatIsTooLongIsAnsweredAndTheNextPasses() throws IOException {
    assertThat(passed("x".repeat(1000) + "\n" + NOTE)).isEqualTo(NOTE);
    assertThat(answer().at("/error/message").asText()).contains("at most 100 bytes, found 1000");
  }

  @Test
  void noMessageWaitsForTheOneAfterIt() throws IOException {
    try (RequestLines lines = lines(NOTE + PING, 100, Duration.ofMillis(1))) {
      byte[] much = new byte[1000];
      assertThat(lines.read(much, 0, 1000)).isEqualTo(NOTE.length());
      assertThat(lines.read(much, 0, 10)).isEqualTo(10);
      assertThat(lines.read()).isEqualTo(PING.charAt(10));
      assertThat(lines.read(much, 0, 0)).isZero();
      assertThat(lines.read(much, 0, 1000)).isEqualTo(PING.length() - 11);
    }
  }

  @Test
  void theEndWaitsForEveryAnswer() throws Exception {
    AtomicReference<String> passed = new AtomicReference<>();
    RequestLines lines = lines(PING + NOTE + PING + "rubbish\n", 100, LONG);
    Thread reader =
        new Thread(
            () -> {
              try {
                passed.set(new String(lines.readAllBytes(), StandardCharsets.UTF_8));
              } catch (IOException e) {
                passed.set(e.toString());
              }
            });
    reader.start();
    answers.write("{\"id\":1}\n".getBytes(StandardCharsets.UTF_8));
    while (reader.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(1);
    }
    assertThat(ended.getCount()).as("one answer and an error are out, one is due").isEqualTo(1);
    answers.write("{\"id\":2}".getBytes(StandardCharsets.UTF_8));
    answers.write('\n');
    reader.join();
    assertThat(ended.getCount()).isZero();
    assertThat(passed.get()).isEqualTo(PING + NOTE + PING);
  }

  /** A request that is never answered, as one before the client said hello. */
  @Test
  void theEndDoesNotWaitForEver() throws IOException {
    assertThat(passed(PING)).isEqualTo(PING);
    assertThat(ended.getCount()).isZero();
  }

  @Test
  void inputThatBreaksIsTheEnd() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("broken");
          }
        };
    RequestLines lines = new RequestLines(broken, answers, 100, LONG, ended::countDown);
    assertThatThrownBy(lines::read).hasMessage("broken");
    assertThat(ended.getCount()).isZero();
  }

  @Test
  void aClientThatTakesNothingIsTheEnd() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    AnswerLines lines = new AnswerLines(closed, ended::countDown);
    assertThatThrownBy(() -> lines.write(new byte[] {1, 2})).hasMessage("Broken pipe");
    assertThat(ended.getCount()).isZero();
  }
}
