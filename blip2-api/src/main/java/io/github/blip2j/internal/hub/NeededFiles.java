package io.github.blip2j.internal.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.internal.json.JsonTrees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which files of a model this library reads. The only place that knows; a revision holds others
 * too, such as the same weights in other formats.
 */
final class NeededFiles {
  /** Without these there is no checkpoint. */
  static final List<String> REQUIRED = List.of("config.json", "tokenizer.json");

  /** Taken where they are. The last two are read by the reference only, and are small. */
  static final List<String> SETTINGS =
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "preprocessor_config.json",
          "processor_config.json",
          "special_tokens_map.json",
          "added_tokens.json");

  /** Formats of weights: one of them is taken, the first that there is. */
  private static final List<String> WEIGHTS = List.of("model.safetensors", "pytorch_model.bin");

  private static final String INDEX = ".index.json";

  /** Beside the index, and so without a path. */
  private static final Pattern FILE_NAME = Pattern.compile("[\\w-][\\w.-]*");

  private NeededFiles() {}

  /** The settings among some files. */
  static List<String> settings(Predicate<String> present) {
    return SETTINGS.stream().filter(present).toList();
  }

  /**
   * The file with the weights, or the index of several; nothing if there is neither.
   *
   * @param present which files there are
   */
  static Optional<String> weights(Predicate<String> present) {
    for (String single : WEIGHTS) {
      if (present.test(single)) {
        return Optional.of(single);
      }
      if (present.test(single + INDEX)) {
        return Optional.of(single + INDEX);
      }
    }
    return Optional.empty();
  }

  /** What is expected of a model that has no weights in any form. */
  static String expectedWeights() {
    return String.join(" or ", WEIGHTS) + ", whole or in parts";
  }

  static boolean isIndex(String name) {
    return name.endsWith(INDEX);
  }

  /**
   * The files that an index names, each once.
   *
   * @param where the index is, for messages
   * @throws CheckpointException if it is no index
   */
  static List<String> parts(byte[] index, String where) {
    JsonNode map;
    try {
      map = JsonTrees.PLAIN.read(index).path("weight_map");
    } catch (IOException e) {
      throw new CheckpointException(where + ": expected JSON, found: " + e.getMessage(), e);
    }
    Set<String> parts = new LinkedHashSet<>();
    for (JsonNode part : map) {
      String name = part.asText();
      if (!part.isTextual() || !FILE_NAME.matcher(name).matches()) {
        throw new CheckpointException(
            where + ": weight_map: expected names of files, found " + part);
      }
      parts.add(name);
    }
    if (parts.isEmpty()) {
      throw new CheckpointException(where + ": weight_map: expected tensors, found none");
    }
    return new ArrayList<>(parts);
  }
}
