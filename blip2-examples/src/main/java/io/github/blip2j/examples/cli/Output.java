package io.github.blip2j.examples.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.GeneratedText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the commands print: one JSON object a result. */
final class Output {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private Output() {}

  /** A result as one line of JSON. */
  static String line(String image, @Nullable String prompt, GeneratedText result) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("image", image).put("prompt", prompt).put("text", result.text());
    result.tokenIds().forEach(node.withArray("token_ids")::add);
    node.put("finish_reason", result.finishReason().label());
    return node.toString();
  }

  /** A failure as one line of JSON. */
  static String failure(@Nullable String image, @Nullable String prompt, String error) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("image", image).put("prompt", prompt);
    node.putNull("text").putNull("token_ids").putNull("finish_reason");
    return node.put("error", error).toString();
  }

  /** A path that a user wrote. */
  static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "image (" + text.replace('\0', '?') + ") must be a path: " + e.getReason(), e);
    }
  }
}
