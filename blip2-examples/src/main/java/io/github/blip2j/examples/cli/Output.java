package io.github.blip2j.examples.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.GeneratedText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the commands print: one JSON object a result. */
final class Output {
  static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Output() {}

  /** Results as lines of JSON; several sequences are numbered. */
  static List<String> lines(String image, @Nullable String prompt, List<GeneratedText> results) {
    List<String> lines = new ArrayList<>();
    for (GeneratedText result : results) {
      ObjectNode node = MAPPER.createObjectNode();
      node.put("image", image).put("prompt", prompt);
      if (results.size() > 1) {
        node.put("sequence_index", lines.size());
      }
      node.put("text", result.text());
      result.tokenIds().forEach(node.withArray("token_ids")::add);
      node.put("finish_reason", result.finishReason().label()).put("score", result.score());
      lines.add(node.toString());
    }
    return lines;
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
