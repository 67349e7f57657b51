package io.github.blip2j.mcp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON schemas of what tools take and give. */
final class Schemas {
  private static final String IMAGE =
      "The image: a path in one of the allowed folders, absolute or relative to one of them, a"
          + " file: URI, or a data: URI.";

  private Schemas() {}

  static Map<String, Object> image() {
    return text(IMAGE);
  }

  static Map<String, Object> text(String description) {
    return Map.of("type", "string", "minLength", 1, "description", description);
  }

  static Map<String, Object> number(String description, int most) {
    return Map.of("type", "integer", "minimum", 1, "maximum", most, "description", description);
  }

  static Map<String, Object> texts(String description, int most) {
    return Map.of(
        "type",
        "array",
        "items",
        Map.of("type", "string", "minLength", 1),
        "minItems",
        1,
        "maxItems",
        most,
        "description",
        description);
  }

  /** A list of objects of which every field is there. */
  static Map<String, Object> list(Map<String, Object> fields) {
    return Map.of("type", "array", "items", object(fields, List.copyOf(fields.keySet())));
  }

  static Map<String, Object> real() {
    return Map.of("type", "number");
  }

  static Map<String, Object> count() {
    return Map.of("type", "integer", "minimum", 0);
  }

  static Map<String, Object> string() {
    return Map.of("type", "string");
  }

  /** An object without other fields. */
  static Map<String, Object> object(Map<String, Object> fields, List<String> required) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", "object");
    object.put("properties", fields);
    object.put("required", required);
    object.put("additionalProperties", false);
    return object;
  }
}
