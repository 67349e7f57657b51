package io.github.blip2j.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.internal.json.JsonTrees;
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
 * A JSON object of a checkpoint whose values are asked for by type. What is there and of another
 * kind is a {@link CheckpointException} that names place, expected and found. Immutable; safe for
 * many threads.
 */
public final class Json {
  /**
   * For settings that Python wrote: numbers may be infinite or none, and keys may come twice, in
   * parts that are not needed. What is asked for is neither.
   */
  private static final JsonTrees SETTINGS =
      new JsonTrees(
          JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build(),
          new Twice.Factory());

  private final String where;
  private final JsonNode node;

  Json(String where, JsonNode node) {
    if (!node.isObject() && !node.isMissingNode()) {
      throw new CheckpointException(where + ": expected a JSON object, found " + brief(node));
    }
    this.where = where;
    this.node = node;
  }

  /**
   * An object without values.
   *
   * @param where is named in errors
   * @return the object
   */
  public static Json empty(String where) {
    return new Json(where, JsonNodeFactory.instance.objectNode());
  }

  /**
   * Reads a file that must be there.
   *
   * @param file with a JSON object
   * @return the object
   * @throws CheckpointException if it is missing, unreadable or something else
   */
  public static Json read(Path file) {
    return find(file)
        .orElseThrow(() -> new CheckpointException(file + ": expected this file, found none"));
  }

  /**
   * Reads a file that may be absent.
   *
   * @param file with a JSON object
   * @return the object, or nothing if there is no such file
   * @throws CheckpointException if it is unreadable or something else
   */
  public static Optional<Json> find(Path file) {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
    return Optional.of(parse(String.valueOf(file), bytes));
  }

  /**
   * Reads what is in memory already.
   *
   * @param where is named in errors
   * @param bytes a JSON object in UTF-8
   * @return the object
   * @throws CheckpointException if it is something else
   */
  public static Json parse(String where, byte[] bytes) {
    try {
      JsonNode node = SETTINGS.read(bytes);
      if (node.isMissingNode()) {
        throw new CheckpointException(where + ": expected a JSON object, found an empty file");
      }
      return new Json(where, node);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          where + ": expected JSON, found: " + e.getOriginalMessage() + at(e), e);
    } catch (IOException e) {
      throw new CheckpointException(where + ": expected JSON, found: " + e.getMessage(), e);
    }
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
  }

  /**
   * Whether there is a value.
   *
   * @param key its name
   * @return false if the key is absent or null
   */
  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  /**
   * An object within this one.
   *
   * @param key its name
   * @return the object; an empty one if it is absent or null
   */
  public Json at(String key) {
    return new Json(where + ": " + key, has(key) ? node.get(key) : MissingNode.getInstance());
  }

  /**
   * A string that must be there.
   *
   * @param key its name
   * @return the string
   */
  public String text(String key) {
    return expect(key, "a string", value(key), JsonNode::isTextual).textValue();
  }

  /**
   * A string.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the string
   */
  public String text(String key, String absent) {
    return has(key) ? text(key) : absent;
  }

  /**
   * An integer above 0.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the integer
   */
  public int positive(String key, int absent) {
    return has(key)
        ? expect(
                key,
                "a positive integer",
                value(key),
                v -> v.isIntegralNumber() && v.canConvertToInt() && v.intValue() > 0)
            .intValue()
        : absent;
  }

  /**
   * A token id.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the id, at least 0
   */
  public int id(String key, int absent) {
    return has(key)
        ? expect(key, "a token id", value(key), v -> v.isInt() && v.intValue() >= 0).intValue()
        : absent;
  }

  /**
   * One token id or several, either of which Transformers writes.
   *
   * @param key its name
   * @return the ids, each at least 0
   */
  public List<Integer> ids(String key) {
    List<Integer> ids = new ArrayList<>();
    for (JsonNode v : value(key).isArray() ? value(key) : List.of(value(key))) {
      ids.add(expect(key, "token ids", v, n -> n.isInt() && n.intValue() >= 0).intValue());
    }
    return List.copyOf(ids);
  }

  /**
   * The same, which other settings may have instead.
   *
   * @param key its name
   * @param others where it is looked for if it is absent or null here
   * @param absent the one id that is given if it is there neither
   * @return the ids, each at least 0
   */
  public List<Integer> ids(String key, Json others, int absent) {
    Json found = has(key) ? this : others;
    return found.has(key) ? found.ids(key) : List.of(absent);
  }

  /**
   * A list of strings.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the strings
   */
  public List<String> texts(String key, List<String> absent) {
    if (!has(key)) {
      return absent;
    }
    List<String> values = new ArrayList<>();
    for (JsonNode v : expect(key, "a list of strings", value(key), JsonNode::isArray)) {
      values.add(expect(key, "a list of strings", v, JsonNode::isTextual).textValue());
    }
    return List.copyOf(values);
  }

  /**
   * A finite number.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the number
   */
  public double number(String key, double absent) {
    return has(key)
        ? expect(
                key,
                "a finite number",
                value(key),
                v -> v.isNumber() && Double.isFinite(v.doubleValue()))
            .doubleValue()
        : absent;
  }

  /**
   * A small number that is added where something is divided.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the number, above 0 and at most 1
   */
  public double epsilon(String key, double absent) {
    double value = number(key, absent);
    expect(key, "a number above 0 and at most 1", value(key), v -> value > 0 && value <= 1);
    return value;
  }

  /**
   * True or false.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the value
   */
  public boolean flag(String key, boolean absent) {
    return has(key)
        ? expect(key, "true or false", value(key), JsonNode::isBoolean).booleanValue()
        : absent;
  }

  /**
   * A list of integers that must be there.
   *
   * @param key its name
   * @return the integers
   */
  public List<Long> longs(String key) {
    List<Long> values = new ArrayList<>();
    for (JsonNode v : expect(key, "a list of integers", value(key), JsonNode::isArray)) {
      values.add(
          expect(key, "a list of integers", v, n -> n.isIntegralNumber() && n.canConvertToLong())
              .longValue());
    }
    return List.copyOf(values);
  }

  /**
   * A list of numbers.
   *
   * @param key its name
   * @param absent what is given if it is absent or null
   * @return the numbers
   */
  public List<Float> floats(String key, List<Float> absent) {
    if (!has(key)) {
      return absent;
    }
    List<Float> values = new ArrayList<>();
    for (JsonNode v : expect(key, "a list of numbers", value(key), JsonNode::isArray)) {
      values.add((float) expect(key, "a list of numbers", v, JsonNode::isNumber).doubleValue());
    }
    return List.copyOf(values);
  }

  /**
   * Where the object is, for messages.
   *
   * @return file and keys, such as {@code config.json: text_config}
   */
  public String where() {
    return where;
  }

  /**
   * Names of the values, in the order of the file.
   *
   * @return all keys
   */
  public List<String> keys() {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /**
   * Whether a value is a number.
   *
   * @param key its name
   * @return false if it is absent or something else
   */
  public boolean isNumber(String key) {
    return value(key).isNumber();
  }

  /**
   * Whether a value is a string.
   *
   * @param key its name
   * @return false if it is absent or something else
   */
  public boolean isText(String key) {
    return value(key).isTextual();
  }

  /**
   * A value as it is written, for messages.
   *
   * @param key its name
   * @return JSON
   */
  public String shown(String key) {
    return brief(value(key));
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
