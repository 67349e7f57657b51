package io.github.blip2j.internal.text;

import java.util.Map;
import java.util.OptionalInt;

/**
 * Tokens of the model and their ids.
 *
 * @param ids id of each token
 */
record ModelTokens(Map<String, Integer> ids) {
  boolean has(String token) {
    return ids.containsKey(token);
  }

  OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
