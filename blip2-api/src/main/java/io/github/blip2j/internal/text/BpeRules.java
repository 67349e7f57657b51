package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;

/** Byte-pair encoding: every merge must be of two tokens of the vocabulary and give a third. */
final class BpeRules {
  private BpeRules() {}

  static ModelTokens check(Part part) {
    if (part.has("dropout")) {
      dropout(part);
    }
    part.textIfAny("unk_token");
    String prefix = part.textIfAny("continuing_subword_prefix");
    part.textIfAny("end_of_word_suffix");
    part.flagIfAny("fuse_unk");
    part.flagIfAny("byte_fallback");
    part.flagIfAny("ignore_merges");
    ModelTokens vocabulary = ModelRules.vocabulary(part);
    JsonNode merges = part.list("merges");
    boolean lines = !merges.isEmpty() && merges.get(0).isTextual();
    int index = 0;
    for (JsonNode merge : merges) {
      String where = "model: merges[" + index++ + "]";
      String[] pair = lines ? line(where, merge) : pair(where, merge);
      if (pair.length > 0) {
        merge(where, pair, prefix, vocabulary);
      }
    }
    part.keep("merges", merges);
    return vocabulary;
  }

  private static void dropout(Part part) {
    JsonNode value = part.value("dropout");
    if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() <= 1)) {
      throw Part.wrong("model: dropout", "0 to 1", value);
    }
    part.keep("dropout", value);
  }

  private static String[] pair(String where, JsonNode merge) {
    if (merge.size() != 2 || !merge.path(0).isTextual() || !merge.path(1).isTextual()) {
      throw Part.wrong(where, "two tokens", merge);
    }
    return new String[] {merge.path(0).textValue(), merge.path(1).textValue()};
  }

  /** The older way of writing; the line with a version is none. */
  private static String[] line(String where, JsonNode merge) {
    if (merge.isTextual() && merge.textValue().startsWith("#version")) {
      return new String[0];
    }
    String[] pair = merge.isTextual() ? merge.textValue().split(" ", -1) : new String[0];
    if (pair.length != 2) {
      throw Part.wrong(where, "two tokens with a space between them", merge);
    }
    return pair;
  }

  private static void merge(String where, String[] pair, String prefix, ModelTokens vocabulary) {
    if (!pair[1].startsWith(prefix)) {
      throw new CheckpointException(
          where + ": expected a second token that starts with " + prefix + ", found " + pair[1]);
    }
    String merged = pair[0] + pair[1].substring(prefix.length());
    for (String token : new String[] {pair[0], pair[1], merged}) {
      if (!vocabulary.has(token)) {
        throw new CheckpointException(
            where + ": expected tokens of the vocabulary, found " + token);
      }
    }
  }
}
