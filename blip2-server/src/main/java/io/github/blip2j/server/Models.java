package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.server.http.Refusal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** {@code /v1/models}: the one model, under the server's name for it. */
record Models(String name, Instant started) {
  /** All of them. */
  void list(Work work) {
    ObjectNode list = Json.object().put("object", "list");
    list.putArray("data").add(model());
    work.reply(list.toString());
  }

  /** One of them. */
  void one(Work work) {
    require(work.id(), name, null);
    work.reply(model().toString());
  }

  private ObjectNode model() {
    return Json.object()
        .put("id", name)
        .put("object", "model")
        .put("created", started.getEpochSecond())
        .put("owned_by", "blip2");
  }

  /** Refuses a request for another model. */
  static void require(Fields request, String name) {
    require(request.requiredText("model"), name, "model");
  }

  private static void require(String asked, String name, @Nullable String param) {
    if (!asked.equals(name)) {
      String shown = asked.length() > 100 ? asked.substring(0, 100) + "…" : asked;
      throw new Refusal(404, "model_not_found", param, "the model (" + shown + ") must be " + name);
    }
  }
}
