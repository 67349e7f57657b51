package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * An object of the file, whose values are asked for by kind. What was asked for and found right is
 * kept in a copy, and nothing else.
 */
final class Part {
  /** Larger than any vocabulary. */
  static final int MOST_ID = (1 << 24) - 1;

  /** Longer than any token, pattern or replacement. */
  static final int LONGEST_TEXT = 2048;

  private static final int MOST_STEPS = 64;

  private final String where;
  private final JsonNode node;
  private final ObjectNode kept = JsonNodeFactory.instance.objectNode();

  private Part(String where, JsonNode node) {
    this.where = where;
    this.node = node;
  }

  static Part of(String where, @Nullable JsonNode node) {
    if (node == null || !node.isObject()) {
      throw wrong(where, "an object", node);
    }
    return new Part(where, node);
  }

  String where() {
    return where;
  }

  ObjectNode kept() {
    return kept;
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  JsonNode value(String key) {
    return node.path(key);
  }

  /** Puts a value into the copy that was checked elsewhere. */
  void keep(String key, JsonNode checked) {
    kept.set(key, checked);
  }

  String text(String key) {
    String text = text(where + ": " + key, value(key));
    kept.put(key, text);
    return text;
  }

  /** A text that may be absent or null; "" then. */
  String textIfAny(String key) {
    return has(key) ? text(key) : "";
  }

  String nonEmpty(String key) {
    String text = text(key);
    if (text.isEmpty()) {
      throw wrong(where + ": " + key, "a text that is not empty", value(key));
    }
    return text;
  }

  /** A text of one character. */
  void character(String key) {
    String text = text(key);
    if (text.codePointCount(0, text.length()) != 1) {
      throw wrong(where + ": " + key, "one character", value(key));
    }
  }

  boolean flag(String key) {
    if (!value(key).isBoolean()) {
      throw wrong(where + ": " + key, "true or false", value(key));
    }
    kept.put(key, value(key).booleanValue());
    return value(key).booleanValue();
  }

  /** A flag that may be absent or null. */
  void flagIfAny(String key) {
    if (has(key)) {
      flag(key);
    }
  }

  int number(String key, int least, int most) {
    int number = number(where + ": " + key, value(key), least, most);
    kept.put(key, number);
    return number;
  }

  void oneOf(String key, List<String> allowed) {
    String text = value(key).isTextual() ? value(key).textValue() : "";
    if (!allowed.contains(text)) {
      throw wrong(where + ": " + key, "one of " + allowed, value(key));
    }
    kept.put(key, text);
  }

  void oneOfIfAny(String key, List<String> allowed) {
    if (has(key)) {
      oneOf(key, allowed);
    }
  }

  /** Checks each element of a list and keeps what comes of it. */
  void each(String key, BiFunction<String, JsonNode, JsonNode> check) {
    JsonNode list = list(key);
    if (list.size() > MOST_STEPS) {
      throw new CheckpointException(
          where + ": " + key + ": expected at most " + MOST_STEPS + ", found " + list.size());
    }
    var checked = kept.putArray(key);
    int index = 0;
    for (JsonNode one : list) {
      checked.add(check.apply(where + ": " + key + "[" + index++ + "]", one));
    }
  }

  JsonNode list(String key) {
    if (!value(key).isArray()) {
      throw wrong(where + ": " + key, "a list", value(key));
    }
    return value(key);
  }

  static String text(String where, JsonNode value) {
    if (!value.isTextual()) {
      throw wrong(where, "a text", value);
    }
    return text(where, value.textValue());
  }

  /** Not too long, and no half of a character. */
  static String text(String where, String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new CheckpointException(
          where + ": expected at most " + LONGEST_TEXT + " characters, found " + text.length());
    }
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new CheckpointException(where + ": expected whole characters, found half of one");
    }
    return text;
  }

  static int number(String where, JsonNode value, int least, int most) {
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(where, "an integer from " + least + " to " + most, value);
    }
    return value.intValue();
  }

  static int id(String where, JsonNode value) {
    return number(where, value, 0, MOST_ID);
  }

  static CheckpointException wrong(String where, String expected, @Nullable JsonNode found) {
    return new CheckpointException(where + ": expected " + expected + ", found " + brief(found));
  }

  private static String brief(@Nullable JsonNode node) {
    if (node == null || node.isMissingNode()) {
      return "nothing";
    }
    if (node.isContainerNode() && node.size() > 8) {
      return (node.isArray() ? "a list of " : "an object of ") + node.size();
    }
    String text = node.toString();
    return text.length() > 80 ? text.substring(0, 77) + "..." : text;
  }
}
