package io.github.blip2j.bench.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is whole, what is cut, and what is no fault. */
class AnswerTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";

  private static Answer of(String text) {
    return Answer.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Answer json(int status, String headers, String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return of(
        "HTTP/1.1 "
            + status
            + " X\r\n"
            + headers
            + "Content-Length: "
            + length
            + "\r\n\r\n"
            + body);
  }

  @Test
  void aBodyOfItsLengthIsWhole() {
    Answer answer = json(200, "", "{\"text\":\"grün\",\"error\":{\"code\":\"c\"}}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.whole()).isTrue();
    assertThat(answer.at("/text")).isEqualTo("grün");
    assertThat(answer.code()).isEqualTo("c");
    assertThat(answer.at("/none")).isEmpty();
  }

  @Test
  void aShorterBodyIsCut() {
    assertThat(of(OK + "Content-Length: 12\r\n\r\na").whole()).isFalse();
    assertThat(of(OK + "Content-Length: 1\r\n\r\na").whole()).isTrue();
    assertThat(of(OK + "Content-Length: 5\r\n\r\n").whole()).isFalse();
    assertThat(of("HTTP/1.1 204 No Content\r\n\r\n").whole()).isTrue();
  }

  @Test
  void chunksArePutTogether() {
    String head = OK + "Transfer-Encoding: chunked\r\n\r\n";
    Answer whole = of(head + "a\r\ndata: {}\n\n\r\n3\r\nabc\r\n0\r\n\r\n");
    assertThat(whole.body()).isEqualTo("data: {}\n\nabc");
    assertThat(whole.whole()).isTrue();
    assertThat(of(head + "3\r\nabc\r\n").whole()).as("without the last").isFalse();
    assertThat(of(head + "5\r\nab").whole()).as("within one").isFalse();
    assertThat(of(head).whole()).isFalse();
  }

  @Test
  void eventsAreReadInOrder() {
    Answer answer =
        json(
            200,
            "",
            "event: piece\n"
                + "data: {\"t\":\"a\"}\n\n"
                + ": beat\n\n"
                + "data: {\"t\":\"b\"}\n\n"
                + "data: [DONE]\n\n");
    assertThat(answer.events("/t")).isEqualTo("ab");
    assertThat(answer.events("/u")).isEmpty();
  }

  @Test
  void whatComesBeforeTheAnswerIsNone() {
    Answer answer = of("HTTP/1.1 100 Continue\r\n\r\n" + OK + "Content-Length: 1\r\n\r\na");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("a");
    assertThat(of("HTTP/1.1 100 Continue\r\n\r\n").status()).isZero();
  }

  @Test
  void nothingIsNothing() {
    assertThat(of("").status()).isZero();
    assertThat(Refusals.of(of(""))).isEqualTo(Refusals.NOTHING);
    assertThat(Refusals.of(of("rubbish"))).isEqualTo("found 0 cut rubbish");
  }

  @Test
  void documentedRefusalsAreNoFaults() {
    String full = "{\"error\":{\"code\":\"queue_full\"}}";
    assertThat(Refusals.of(json(429, "Retry-After: 1\r\n", full))).isEqualTo(Refusals.FULL);
    assertThat(Refusals.of(json(429, "", full))).as("without a time").startsWith("found 429");
    assertThat(Refusals.of(json(503, "", "{\"error\":{\"code\":\"stopping\"}}")))
        .isEqualTo(Refusals.STOPPING);
    assertThat(Refusals.of(json(500, "", "{\"error\":{\"code\":\"inference_failed\"}}")))
        .startsWith("found 500");
  }
}
