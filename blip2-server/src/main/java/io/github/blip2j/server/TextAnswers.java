package io.github.blip2j.server;

import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.server.TextRequest.Written;
import io.github.blip2j.server.http.Refusal;

/** Answers requests for texts, whole or as streams, in the form of an API. */
record TextAnswers(Writing writing) {
  /** How an API writes texts down. */
  interface Form {
    /** A whole answer. */
    String whole(Written written);

    /** A piece of a stream; not called for pieces without text. */
    void piece(EventStream events, TextPiece piece);

    /** The end of a stream. */
    void end(EventStream events, Written written);
  }

  /** Answers once all is written. */
  void whole(Work work, TextRequest request, Form form) {
    work.reply(form.whole(work.use(() -> writing.whole(request))));
  }

  /**
   * Answers while it is written. An error that comes before anything has been sent has a status;
   * later ones are events. What nobody foresaw breaks the connection.
   */
  void stream(Work work, TextRequest request, Form form) {
    try (EventStream events = work.events()) {
      try {
        Written written =
            work.use(events, () -> writing.stream(request, piece -> send(events, piece, form)));
        form.end(events, written);
      } catch (Refusal e) {
        refuse(events, e);
      } catch (Blip2Exception | IllegalArgumentException | IllegalStateException e) {
        refuse(events, Failures.refusal(e));
      } catch (RuntimeException | Error e) { // unforeseen: no text that looks whole
        events.breakOff();
        throw e;
      }
    }
  }

  /** A token that shows nothing is sent too, as a comment: by that a client that left is seen. */
  private static void send(EventStream events, TextPiece piece, Form form) {
    if (piece.text().isEmpty()) {
      events.comment();
    } else {
      form.piece(events, piece);
    }
  }

  private static void refuse(EventStream events, Refusal refusal) {
    if (!events.abandon()) { // else it has not begun, and the answer is another
      events.fail(refusal);
      return;
    }
    throw refusal;
  }
}
