package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** The vocabulary and how words become its tokens. */
final class ModelRules {
  private static final int MOST_CHARACTERS = 10_000; // of a word, which WordPiece reads in squares

  private ModelRules() {}

  /** A checked model. */
  record Model(JsonNode kept, ModelTokens vocabulary) {}

  static Model check(JsonNode node) {
    Part part = Part.of("model", node);
    String type = part.has("type") ? part.text("type") : typeOf(part);
    part.kept().put("type", type);
    ModelTokens vocabulary =
        switch (type) {
          case "BPE" -> BpeRules.check(part);
          case "Unigram" -> unigram(part);
          case "WordPiece" -> {
            part.text("continuing_subword_prefix");
            part.number("max_input_chars_per_word", 1, MOST_CHARACTERS);
            yield known(part, "unk_token", vocabulary(part));
          }
          case "WordLevel" -> known(part, "unk_token", vocabulary(part));
          default -> throw Sections.unknownType(part, "BPE, Unigram, WordPiece or WordLevel");
        };
    return new Model(part.kept(), vocabulary);
  }

  /** Files of before 2020 do not say it. */
  private static String typeOf(Part part) {
    if (part.value("vocab").isArray()) {
      return "Unigram";
    }
    if (part.has("merges")) {
      return "BPE";
    }
    return part.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
  }

  /** Checks and keeps a vocabulary whose tokens have ids. */
  static ModelTokens vocabulary(Part part) {
    String where = part.where() + ": vocab";
    JsonNode vocab = part.value("vocab");
    if (!vocab.isObject() || vocab.isEmpty()) {
      throw Part.wrong(where, "tokens with their ids", vocab);
    }
    Map<String, Integer> ids = new HashMap<>(vocab.size() * 4 / 3 + 1);
    BitSet taken = new BitSet(vocab.size());
    for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
      String token = Part.text(where, entry.getKey());
      int id = Part.id(where + ": " + token, entry.getValue());
      if (taken.get(id)) {
        throw new CheckpointException(
            where + ": expected each id once, found " + id + " again for " + token);
      }
      taken.set(id);
      ids.put(token, id);
    }
    part.keep("vocab", vocab);
    return new ModelTokens(ids);
  }

  private static ModelTokens known(Part part, String key, ModelTokens vocabulary) {
    if (!vocabulary.has(part.text(key))) {
      throw Part.wrong(part.where() + ": " + key, "a token of the vocabulary", part.value(key));
    }
    return vocabulary;
  }

  /** The ids are the places in a list of tokens and scores. */
  private static ModelTokens unigram(Part part) {
    JsonNode vocab = part.list("vocab");
    if (vocab.isEmpty()) {
      throw Part.wrong("model: vocab", "tokens with their scores", vocab);
    }
    Map<String, Integer> ids = new HashMap<>(vocab.size() * 4 / 3 + 1);
    int id = 0;
    for (JsonNode entry : vocab) {
      if (entry.size() != 2
          || !entry.path(0).isTextual()
          || !entry.path(1).isNumber()
          || !Double.isFinite(entry.path(1).doubleValue())) {
        throw Part.wrong("model: vocab[" + id + "]", "[token, finite score]", entry);
      }
      ids.put(Part.text("model: vocab[" + id + "]", entry.path(0)), id);
      id++;
    }
    part.keep("vocab", vocab);
    if (part.has("unk_id")) {
      part.number("unk_id", 0, vocab.size() - 1);
    }
    part.flagIfAny("byte_fallback");
    return new ModelTokens(ids);
  }
}
