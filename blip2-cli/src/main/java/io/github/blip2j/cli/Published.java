package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What the published checkpoints are known to say of two published images: the expectations of the
 * reference's own integration tests and documentation (Transformers, {@code
 * test_modeling_blip_2.py}, in float32 where its versions differ; pipeline tests).
 *
 * @param images where each image is to be had, by name
 * @param checks what is expected, by the name of the checkpoint
 */
record Published(Map<String, String> images, Map<String, List<JsonNode>> checks) {
  private static final String FILE = "published.json";

  /** The ones that come with the program. */
  static Published known() {
    try (InputStream in = Objects.requireNonNull(Published.class.getResourceAsStream(FILE), FILE)) {
      return of(Output.MAPPER.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + ": cannot be read: " + e.getMessage(), e);
    }
  }

  static Published of(JsonNode root) {
    Map<String, String> images = new LinkedHashMap<>();
    root.get("images").properties().forEach(e -> images.put(e.getKey(), e.getValue().asText()));
    Map<String, List<JsonNode>> checks = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> model : root.get("models").properties()) {
      List<JsonNode> all = new ArrayList<>();
      for (Iterator<JsonNode> i = model.getValue().elements(); i.hasNext(); ) {
        all.add(i.next());
      }
      checks.put(model.getKey(), all);
    }
    return new Published(images, checks);
  }

  /**
   * The checks of a model, whose name must have a published one as a part of its own.
   *
   * @throws IllegalArgumentException if it has none
   */
  List<JsonNode> of(String model) {
    String text = model.replace("models--", "").replace("--", "/").replace('\\', '/');
    for (Map.Entry<String, List<JsonNode>> entry : checks.entrySet()) {
      if (Pattern.compile("(^|/)" + Pattern.quote(entry.getKey()) + "($|/)").matcher(text).find()) {
        return entry.getValue();
      }
    }
    throw new IllegalArgumentException(
        "--published: expected a model or folder that is named "
            + String.join(", ", checks.keySet())
            + ", found "
            + model);
  }
}
