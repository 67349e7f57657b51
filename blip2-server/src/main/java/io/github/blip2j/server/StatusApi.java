package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.host.Host;
import io.github.blip2j.server.http.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What the server says of itself. */
record StatusApi(Blip2 blip2, ServerOptions options, Metrics metrics, List<ServedModel> further) {
  /** The same of one of the further models. */
  StatusApi of(ServedModel model) {
    return new StatusApi(model.blip2(), options.withModelName(model.name()), metrics, List.of());
  }

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
    ObjectNode model = Json.object().put("model", options.modelName());
    model.put("backend", blip2.backend());
    model.put("device", blip2.device().toString()).put("checkpoint", blip2.checkpoint());
    for (Capability capability : blip2.capabilities()) {
      model.withArray("capabilities").add(capability.name().toLowerCase(Locale.ROOT));
    }
    Precisions precisions = blip2.precisions();
    model
        .putObject("precisions")
        .put("vision", precisions.vision().label())
        .put("qformer", precisions.qformer().label())
        .put("language", precisions.language().label());
    Host.residentMemory()
        .ifPresent(bytes -> model.putObject("memory").put("resident_bytes", bytes));
    ServerLimits limits = options.limits();
    model
        .putObject("limits")
        .put("body_bytes", limits.bodyBytes())
        .put("new_tokens", limits.newTokens())
        .put("texts", limits.texts())
        .put("images", ServerImage.most(blip2));
    ImageSearch search = options.search();
    if (search != null) {
      model.putObject("search").put("images", search.images());
    }
    ArrayNode others = model.putArray("further");
    further.forEach(m -> others.addObject().put("model", m.name()).put("path", m.prefix()));
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
