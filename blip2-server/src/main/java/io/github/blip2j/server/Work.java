package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.Reply;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request as its route sees it.
 *
 * @param call the request
 * @param id what stands in the hole of the route's path
 * @param ticket the place among those that use the model, of a route that needs one
 * @param beats what streams get signs of life from
 */
record Work(Call call, String id, Admission.@Nullable Ticket ticket, Heartbeats beats) {
  /** Uses the model once it is this request's turn, and gives it back. */
  <R> R use(Supplier<R> task) {
    Admission.Ticket place = place();
    place.use(() -> false);
    try {
      return task.get();
    } finally {
      place.release();
    }
  }

  /** The same for an answer that is streamed meanwhile. */
  <R> R use(EventStream events, Supplier<R> task) {
    Admission.Ticket place = place();
    place.use(events::gone);
    try {
      return task.get();
    } finally {
      place.release();
    }
  }

  private Admission.Ticket place() {
    if (ticket == null) {
      throw new IllegalStateException(call.path() + " must be a route that uses the model");
    }
    return ticket;
  }

  /** Answers with JSON. */
  void reply(String json) {
    call.reply(Reply.json(200, json));
  }

  /** An answer that is streamed, with signs of life until it is closed. */
  EventStream events() {
    EventStream events = new EventStream(call);
    events.keptAlive(beats.start(events::beat));
    return events;
  }
}
