package io.github.blip2j.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.server.http.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The fields of a JSON object, each with the type that it must have; null is a field that is not
 * there.
 *
 * @param node the object
 * @param path of it within the request, with a dot at its end, or empty
 */
record Fields(JsonNode node, String path) {
  /**
   * The object that a body is.
   *
   * @throws Refusal 400 if it is none
   */
  static Fields of(byte[] body) {
    try {
      return of(Json.MAPPER.readTree(body), "");
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : String.format(
                  Locale.ROOT,
                  " (line %d, column %d)",
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr());
      throw new Refusal(
          400, "invalid_json", null, "the body must be JSON: " + e.getOriginalMessage() + where);
    } catch (IOException e) {
      throw new Refusal(400, "invalid_json", null, "the body must be JSON: " + e.getMessage());
    }
  }

  /** The object that a node is. */
  static Fields of(JsonNode node, String path) {
    if (!node.isObject()) {
      String name = path.isEmpty() ? "the body" : path.substring(0, path.length() - 1);
      throw new Refusal(
          400,
          path.isEmpty() ? "invalid_json" : "invalid_value",
          path.isEmpty() ? null : name,
          name + " (" + kind(node) + ") must be an object");
    }
    return new Fields(node, path);
  }

  private static String kind(JsonNode node) {
    return node.isMissingNode() ? "nothing" : node.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  /** Refuses fields of other names, which would do nothing. */
  Fields only(Set<String> names) {
    Iterator<String> there = node.fieldNames();
    while (there.hasNext()) {
      String name = there.next();
      if (!names.contains(name)) {
        String shown = name.length() > 50 ? name.substring(0, 50) + "…" : name;
        throw new Refusal(
            400,
            "unknown_field",
            path + shown,
            path + shown + " is no field of this; there are " + names.stream().sorted().toList());
      }
    }
    return this;
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  /** The error of a field with a wrong value. */
  Refusal wrong(String name, String expected) {
    JsonNode found = node.path(name);
    String shown = found.isNumber() || found.isBoolean() ? found.asText() : kind(found);
    return Refusal.field(path + name, path + name + " (" + shown + ") must be " + expected);
  }

  Optional<String> text(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    if (!node.get(name).isTextual()) {
      throw wrong(name, "a string");
    }
    return Optional.of(node.get(name).textValue());
  }

  String requiredText(String name) {
    return text(name).orElseThrow(() -> wrong(name, "a string"));
  }

  boolean flag(String name) {
    if (!has(name)) {
      return false;
    }
    if (!node.get(name).isBoolean()) {
      throw wrong(name, "true or false");
    }
    return node.get(name).booleanValue();
  }

  OptionalLong whole(String name) {
    if (!has(name)) {
      return OptionalLong.empty();
    }
    JsonNode number = node.get(name);
    if (!number.isIntegralNumber() || !number.canConvertToLong()) {
      throw wrong(name, "a whole number");
    }
    return OptionalLong.of(number.longValue());
  }

  /** A whole number within a range. */
  Optional<Integer> whole(String name, int least, int most) {
    OptionalLong value = whole(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.getAsLong() < least || value.getAsLong() > most) {
      throw wrong(name, least + " to " + most);
    }
    return Optional.of((int) value.getAsLong());
  }

  OptionalDouble number(String name) {
    if (!has(name)) {
      return OptionalDouble.empty();
    }
    if (!node.get(name).isNumber()) {
      throw wrong(name, "a number");
    }
    return OptionalDouble.of(node.get(name).doubleValue());
  }

  /** A list of objects; empty if there is none. */
  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode item : list(name)) {
      objects.add(of(item, path + name + "[" + objects.size() + "]."));
    }
    return objects;
  }

  /** A list of strings, at least one and at most so many. */
  List<String> texts(String name, int most) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list(name)) {
      if (!item.isTextual()) {
        throw wrong(name, "a list of strings");
      }
      texts.add(item.textValue());
    }
    if (texts.isEmpty() || texts.size() > most) {
      String message = path + name + " (" + texts.size() + " strings) must be 1 to " + most;
      throw Refusal.field(path + name, message + " strings");
    }
    return texts;
  }

  private JsonNode list(String name) {
    if (has(name) && !node.get(name).isArray()) {
      throw wrong(name, "a list");
    }
    return has(name) ? node.get(name) : Json.MAPPER.createArrayNode();
  }

  /** An object within this one. */
  Optional<Fields> object(String name) {
    return has(name) ? Optional.of(of(node.get(name), path + name + ".")) : Optional.empty();
  }
}
