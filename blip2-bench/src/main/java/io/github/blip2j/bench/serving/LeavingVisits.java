package io.github.blip2j.bench.serving;

import java.util.Base64;
import java.util.List;

/** Clients that break their connection before they have their answer. */
final class LeavingVisits {
  private LeavingVisits() {}

  /** Ways to leave. */
  static List<Visit> of(byte[] image) {
    String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(image);
    byte[] stream = Wire.json("/api/caption", "{\"image\":\"" + url + "\",\"stream\":true}");
    byte[] whole = Wire.json("/api/caption", "{\"image\":\"" + url + "\"}");
    return List.of(
        leaving("after the first word", stream, "event: piece"),
        leaving("before the first word", stream, "\r\n"),
        leaving("at once", stream, ""),
        leaving("without waiting for a whole answer", whole, ""));
  }

  private static Visit leaving(String when, byte[] request, String until) {
    return new Visit(
        "leaving " + when,
        Visit.Kind.LEAVING,
        server -> {
          try (Wire wire = new Wire(server)) {
            wire.send(request);
            if (!until.isEmpty()) {
              wire.until(until);
            }
            wire.abort();
          }
          return "";
        });
  }
}
