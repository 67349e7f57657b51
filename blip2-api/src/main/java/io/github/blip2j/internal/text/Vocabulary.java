package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.internal.json.JsonTrees;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The tokens of a {@code tokenizer.json}, as it writes them. Immutable. */
final class Vocabulary {
  private final Map<String, Integer> ids;
  private final Map<Integer, String> tokens;
  private final Set<Integer> special;

  private Vocabulary(Map<String, Integer> ids, Set<Integer> special) {
    this.ids = ids;
    this.tokens = new HashMap<>();
    ids.forEach((token, id) -> tokens.put(id, token));
    this.special = Collections.unmodifiableSet(special);
  }

  /** The vocabulary of a tokenizer that was found right. */
  static Vocabulary of(TokenizerFile file) {
    try {
      JsonNode root = JsonTrees.STRICT.read(file.json());
      Map<String, Integer> ids = new HashMap<>();
      JsonNode vocabulary = root.path("model").path("vocab");
      if (vocabulary.isArray()) { // Unigram: pieces with their scores, in the order of the ids
        for (int id = 0; id < vocabulary.size(); id++) {
          ids.put(vocabulary.get(id).path(0).asText(), id);
        }
      } else {
        vocabulary.properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
      }
      Set<Integer> special = new TreeSet<>();
      for (JsonNode added : root.path("added_tokens")) {
        int id = added.path("id").asInt();
        ids.put(added.path("content").asText(), id);
        if (added.path("special").asBoolean()) {
          special.add(id);
        }
      }
      return new Vocabulary(ids, special);
    } catch (IOException e) {
      throw new IllegalStateException("JSON that was written a moment ago", e);
    }
  }

  /** The token of an id, if it has one. */
  Optional<String> token(int id) {
    return Optional.ofNullable(tokens.get(id));
  }

  /** The id of a token, if there is such a token. */
  OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Ids of special tokens, ascending; unmodifiable. */
  Set<Integer> special() {
    return special;
  }
}
