package io.github.blip2j.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.GenerationOptions;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One line of a batch: a picture, a prompt or none, and arguments named as Transformers' {@code
 * generate} names them.
 *
 * @param image path of the picture
 * @param prompt text to go on from, or null
 * @param options how to generate
 */
record BatchRequest(String image, @Nullable String prompt, GenerationOptions options) {
  private static final Set<String> KEYS =
      Set.of("image", "prompt", "max_new_tokens", "min_new_tokens");

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is no request; names what was expected and found
   */
  static BatchRequest parse(String line) {
    JsonNode node = json(line);
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!KEYS.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "expected keys among " + KEYS.stream().sorted().toList() + ", found " + entry.getKey());
      }
    }
    GenerationOptions defaults = GenerationOptions.defaults();
    return new BatchRequest(
        text(node, "image"),
        node.hasNonNull("prompt") ? text(node, "prompt") : null,
        GenerationOptions.builder()
            .maxNewTokens(number(node, "max_new_tokens", defaults.maxNewTokens()))
            .minNewTokens(number(node, "min_new_tokens", defaults.minNewTokens()))
            .build());
  }

  /** What a line says of picture or prompt, as far as it can be read: for naming it in an error. */
  static @Nullable String peek(String line, String key) {
    try {
      return json(line).path(key).textValue();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static JsonNode json(String line) {
    try {
      JsonNode node = Output.MAPPER.readTree(line);
      if (!node.isObject()) {
        throw new IllegalArgumentException("expected a JSON object, found " + node.getNodeType());
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a JSON object, found: " + e.getOriginalMessage(), e);
    }
  }

  private static String text(JsonNode node, String key) {
    if (!node.path(key).isTextual()) {
      throw new IllegalArgumentException(
          "%s: expected a string, found %s".formatted(key, found(node, key)));
    }
    return node.path(key).textValue();
  }

  private static int number(JsonNode node, String key, int absent) {
    if (!node.hasNonNull(key)) {
      return absent;
    }
    if (!node.path(key).isInt()) {
      throw new IllegalArgumentException(
          "%s: expected an integer, found %s".formatted(key, found(node, key)));
    }
    return node.path(key).intValue();
  }

  private static String found(JsonNode node, String key) {
    return node.has(key) ? node.get(key).toString() : "nothing";
  }
}
