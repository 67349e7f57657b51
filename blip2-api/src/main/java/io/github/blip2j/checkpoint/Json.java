package io.github.blip2j.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a checkpoint whose values are asked for by type, with errors that name the
 * place.
 */
record Json(String where, JsonNode node) {
  /** For headers of our own format, whose every word counts. */
  static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * For settings that Python wrote: numbers may be infinite or none, and keys may come twice, in
   * parts that are not needed. What is asked for is neither.
   */
  private static final ObjectMapper SETTINGS =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .nodeFactory(new Twice.Factory())
          .build();

  Json {
    if (!node.isObject() && !node.isMissingNode()) {
      throw new CheckpointException(where + ": expected a JSON object, found " + brief(node));
    }
  }

  /** Reads a file that must be there. */
  static Json read(Path file) {
    return find(file)
        .orElseThrow(() -> new CheckpointException(file + ": expected this file, found none"));
  }

  /** Reads a file that may be absent. */
  static Optional<Json> find(Path file) {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
    try {
      JsonNode node = SETTINGS.readTree(bytes);
      if (node.isMissingNode()) {
        throw new CheckpointException(file + ": expected a JSON object, found an empty file");
      }
      return Optional.of(new Json(String.valueOf(file), node));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + ": expected JSON, found: " + e.getOriginalMessage() + at(e), e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": expected JSON, found: " + e.getMessage(), e);
    }
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
  }

  /** Whether the key is there and not null. */
  boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** The object under a key; an empty one if it is absent or null. */
  Json at(String key) {
    return new Json(where + ": " + key, has(key) ? node.get(key) : MissingNode.getInstance());
  }

  String text(String key) {
    return expect(key, "a string", value(key), JsonNode::isTextual).textValue();
  }

  String text(String key, String absent) {
    return has(key) ? text(key) : absent;
  }

  int positive(String key, int absent) {
    return has(key)
        ? expect(
                key,
                "a positive integer",
                value(key),
                v -> v.isIntegralNumber() && v.canConvertToInt() && v.intValue() > 0)
            .intValue()
        : absent;
  }

  int id(String key, int absent) {
    return has(key)
        ? expect(key, "a token id", value(key), v -> v.isInt() && v.intValue() >= 0).intValue()
        : absent;
  }

  /** One id or several: Transformers writes either. */
  List<Integer> ids(String key) {
    List<Integer> ids = new ArrayList<>();
    for (JsonNode v : value(key).isArray() ? value(key) : List.of(value(key))) {
      ids.add(expect(key, "token ids", v, n -> n.isInt() && n.intValue() >= 0).intValue());
    }
    return List.copyOf(ids);
  }

  List<String> texts(String key, List<String> absent) {
    if (!has(key)) {
      return absent;
    }
    List<String> values = new ArrayList<>();
    for (JsonNode v : expect(key, "a list of strings", value(key), JsonNode::isArray)) {
      values.add(expect(key, "a list of strings", v, JsonNode::isTextual).textValue());
    }
    return List.copyOf(values);
  }

  double number(String key, double absent) {
    return has(key)
        ? expect(
                key,
                "a finite number",
                value(key),
                v -> v.isNumber() && Double.isFinite(v.doubleValue()))
            .doubleValue()
        : absent;
  }

  /** A small number that is added where something is divided. */
  double epsilon(String key, double absent) {
    double value = number(key, absent);
    expect(key, "a number above 0 and at most 1", value(key), v -> value > 0 && value <= 1);
    return value;
  }

  boolean flag(String key, boolean absent) {
    return has(key)
        ? expect(key, "true or false", value(key), JsonNode::isBoolean).booleanValue()
        : absent;
  }

  List<Long> longs(String key) {
    List<Long> values = new ArrayList<>();
    for (JsonNode v : expect(key, "a list of integers", value(key), JsonNode::isArray)) {
      values.add(
          expect(key, "a list of integers", v, n -> n.isIntegralNumber() && n.canConvertToLong())
              .longValue());
    }
    return List.copyOf(values);
  }

  List<Float> floats(String key, List<Float> absent) {
    if (!has(key)) {
      return absent;
    }
    List<Float> values = new ArrayList<>();
    for (JsonNode v : expect(key, "a list of numbers", value(key), JsonNode::isArray)) {
      values.add((float) expect(key, "a list of numbers", v, JsonNode::isNumber).doubleValue());
    }
    return List.copyOf(values);
  }

  private JsonNode value(String key) {
    return node.path(key);
  }

  private JsonNode expect(
      String key, String what, JsonNode value, java.util.function.Predicate<JsonNode> right) {
    if (!right.test(value)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s: %s: expected %s, found %s", where, key, what, brief(value)));
    }
    return value;
  }

  private static String brief(@Nullable JsonNode node) {
    if (node == null || node.isMissingNode()) {
      return "nothing";
    }
    String text = node.toString();
    return text.length() > 80 ? text.substring(0, 77) + "..." : text;
  }
}
