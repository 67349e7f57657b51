package io.github.blip2j.internal.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** JSON with ' in place of ", as tests write it. */
final class QuotedJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private QuotedJson() {}

  static JsonNode of(String text) {
    try {
      return MAPPER.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
