package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.server.http.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/** What the server says of itself. */
record StatusApi(Blip2 blip2, String modelName, Metrics metrics) {
  /** That it answers. */
  void health(Work work) {
    work.reply(Json.object().put("status", "ok").toString());
  }

  /** Counts for Prometheus. */
  void metrics(Work work) {
    byte[] text = metrics.text().getBytes(StandardCharsets.UTF_8);
    work.call().reply(new Reply(200, Metrics.TYPE, text));
  }

  /** Which model it is. */
  void model(Work work) {
    ObjectNode model = Json.object().put("model", modelName).put("backend", blip2.backend());
    model.put("device", blip2.device().toString()).put("checkpoint", blip2.checkpoint());
    for (Capability capability : blip2.capabilities()) {
      model.withArray("capabilities").add(capability.name().toLowerCase(Locale.ROOT));
    }
    work.reply(model.toString());
  }

  /** The description of all routes. */
  void openApi(Work work) {
    work.call().reply(new Reply(200, "application/json", document()));
  }

  static byte[] document() {
    try (InputStream in = StatusApi.class.getResourceAsStream("openapi.json")) {
      return Objects.requireNonNull(in, "openapi.json").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
