package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.server.http.ClientGone;
import io.github.blip2j.server.http.Refusal;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Streams: signs of life, and that a client that leaves ends the text. */
class StreamTest {
  private static Blip2 blip2;

  @BeforeAll
  static void load() {
    blip2 = Demo.captioner();
  }

  @AfterAll
  static void close() {
    blip2.close();
  }

  private static String count(Services services, String name) {
    return services
        .metrics()
        .text()
        .lines()
        .filter(l -> l.startsWith(name + " "))
        .findFirst()
        .orElseThrow()
        .substring(name.length() + 1);
  }

  /** A text that goes on for long, so that nobody could mistake its end for its being ended. */
  private static ObjectNode longText() {
    ObjectNode request = Json.object().put("image", Demo.url(0)).put("stream", true);
    request.putObject("options").put("max_new_tokens", 200).put("min_new_tokens", 200);
    return request;
  }

  private static FakeCall serve(Services services, String path, FakeCall call) {
    new Gate(ServerOptions.defaults(), services).serve(call.header(":path", path));
    return call;
  }

  @Test
  void aClosedConnectionEndsTheTextWithinOneToken() {
    for (String path : new String[] {"/api/caption", "/api/chat"}) {
      try (Services services = new Services(blip2, ServerOptions.defaults())) {
        ObjectNode request = longText();
        if (path.endsWith("chat")) {
          request.put("question", "what is it?");
        }
        FakeCall call = new FakeCall(request.toString());
        call.writesLeft = 3;
        serve(services, path, call);
        assertThat(call.writes).as("no token is tried after the one that failed").isEqualTo(4);
        assertThat(count(services, "blip2_cancelled_texts_total")).isEqualTo("1");
        assertThat(count(services, "blip2_generated_tokens_total")).isEqualTo("0");
        assertThat(services.admission().active()).isZero();
        assertThat(services.admission().waiting()).isZero();
        FakeCall next = new FakeCall(Json.object().put("image", Demo.url(0)).toString());
        serve(services, "/api/caption", next);
        assertThat(next.status()).as("the model is free").isEqualTo(200);
      }
    }
  }

  @Test
  void theWholeTextIsStreamedToOneThatStays() {
    try (Services services = new Services(blip2, ServerOptions.defaults())) {
      FakeCall call = serve(services, "/api/caption", new FakeCall(longText().toString()));
      assertThat(call.writes).isGreaterThan(200);
      assertThat(call.streamed()).contains("event: done").doesNotContain("event: error");
      assertThat(count(services, "blip2_cancelled_texts_total")).isEqualTo("0");
      assertThat(count(services, "blip2_generated_tokens_total")).isEqualTo("200");
    }
  }

  @Test
  void anErrorBeforeTheFirstTokenHasAStatus() {
    try (Services services = new Services(blip2, ServerOptions.defaults())) {
      ObjectNode request = longText().put("image", Demo.url(new byte[] {1}));
      FakeCall call = serve(services, "/api/caption", new FakeCall(request.toString()));
      assertThat(call.status()).isEqualTo(400);
      assertThat(call.streamed()).isEmpty();
    }
  }

  @Test
  void aBeatBeginsTheAnswerAndAnErrorAfterItIsAnEvent() {
    FakeCall call = new FakeCall("");
    EventStream events = new EventStream(call);
    assertThat(call.status()).isZero();
    events.beat();
    assertThat(call.status()).isEqualTo(200);
    assertThat(call.streamed()).isEqualTo(":\n\n");
    assertThat(events.abandon()).isFalse();
    events.fail(new Refusal(400, "invalid_image", "image", "no image"));
    assertThat(call.streamed())
        .endsWith(
            "event: error\ndata: {\"error\":{\"message\":\"no image\",\"type\":"
                + "\"invalid_request_error\",\"param\":\"image\",\"code\":\"invalid_image\"}}\n\n");
  }

  @Test
  void beatsComeOnlyWhereNothingElseDoes() {
    FakeCall call = new FakeCall("");
    try (EventStream events = new EventStream(call)) {
      events.send(null, "1");
      events.beat(); // there was an event since the last
      assertThat(call.streamed()).isEqualTo("data: 1\n\n");
      events.beat();
      events.beat();
      assertThat(call.streamed()).isEqualTo("data: 1\n\n:\n\n:\n\n");
    }
  }

  @Test
  void aGivenUpStreamBeatsNoMore() {
    FakeCall call = new FakeCall("");
    try (EventStream events = new EventStream(call)) {
      assertThat(events.abandon()).isTrue();
      events.beat();
    }
    assertThat(call.status()).isZero();
  }

  @Test
  void aBeatThatFailsTellsWhoeverWritesNext() {
    FakeCall call = new FakeCall("");
    call.writesLeft = 0;
    try (EventStream events = new EventStream(call)) {
      events.beat();
      assertThat(events.gone()).isTrue();
      assertThatThrownBy(() -> events.send(null, "1")).isInstanceOf(ClientGone.class);
      assertThat(call.writes).isEqualTo(1);
    }
  }

  /** A stop that waits no longer: the text goes on, and what it used is not kept. */
  @Test
  void aRequestThatOutlivesItsServicesLeavesNothing() {
    Services services = new Services(blip2, ServerOptions.defaults());
    ObjectNode request = Json.object().put("image", Demo.url(0)).put("stream", true);
    request.put("question", Demo.question(0, 1));
    serve(services, "/api/chat", new FakeCall(request.toString()));
    assertThat(count(services, "blip2_kept_conversations")).isEqualTo("1");
    FakeCall late = new FakeCall(request.toString());
    late.atWrite = services::close;
    serve(services, "/api/chat", late);
    assertThat(late.streamed()).contains("event: done").contains(Demo.answer(0, 1));
    assertThat(count(services, "blip2_kept_conversations")).isEqualTo("0");
  }

  /** Else a client would take what has come for the whole text. */
  @Test
  void aStreamThatFailsUnforeseenIsNotEnded() {
    try (Services services = new Services(blip2, ServerOptions.defaults())) {
      FakeCall whole = new FakeCall(longText().toString());
      serve(services, "/api/caption", whole);
      assertThat(whole.ended).isTrue();
      FakeCall broken = new FakeCall(longText().toString());
      broken.atWrite =
          () -> {
            if (broken.writes == 3) {
              throw new AssertionError("on purpose");
            }
          };
      assertThatThrownBy(() -> serve(services, "/api/caption", broken))
          .isInstanceOf(AssertionError.class)
          .hasMessage("on purpose");
      assertThat(broken.streamed()).contains("event: piece").doesNotContain("event: done");
      assertThat(broken.ended).isFalse();
      assertThat(services.admission().waiting()).isZero();
    }
  }

  @Test
  void closingEndsTheCalls() {
    FutureTask<Integer> calls = new FutureTask<>(() -> 1);
    EventStream events = new EventStream(new FakeCall(""));
    events.keptAlive(calls);
    events.close();
    assertThat(calls.isCancelled()).isTrue();
  }
}
