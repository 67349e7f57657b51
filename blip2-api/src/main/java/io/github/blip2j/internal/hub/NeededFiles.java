package io.github.blip2j.internal.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.internal.json.JsonTrees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which files this library reads of a repository on the Hub. The only place that knows; a revision
 * holds others too, such as the same weights in other formats. A repository may have both kinds.
 */
enum NeededFiles {
  /** A checkpoint. The last two settings are read by the reference only, and are small. */
  MODEL(
      "a model: name it as the model",
      List.of("config.json", "tokenizer.json"),
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "preprocessor_config.json",
          "processor_config.json",
          NeededFiles.INSTRUCTIONS,
          NeededFiles.BUNDLE,
          "special_tokens_map.json",
          "added_tokens.json"),
      List.of("model.safetensors", "pytorch_model.bin")),

  /** What PEFT has trained for a checkpoint that lies elsewhere. */
  ADAPTER(
      "an adapter: name its base as the model and this as the adapter",
      List.of("adapter_config.json"),
      List.of("adapter_config.json"),
      List.of("adapter_model.safetensors", "adapter_model.bin"));

  /** By which InstructBLIP's Q-Former reads, and no other. */
  private static final String INSTRUCTIONS = "qformer_tokenizer/tokenizer.json";

  private static final String INSTRUCTED = "instructblip";
  private static final String INDEX = ".index.json";

  /** Which says what every file of a bundle was when it was made. */
  private static final String BUNDLE = "bundle.json";

  /** Beside the index, and so without a path. */
  private static final Pattern FILE_NAME = Pattern.compile("[\\w-][\\w.-]*");

  /** Beside the bundle's own, or in a folder there. */
  private static final Pattern BUNDLED_NAME = Pattern.compile("(?:[\\w-][\\w.-]*/)?[\\w-][\\w.-]*");

  private final String use;
  private final List<String> required;
  private final List<String> settings;
  private final List<String> weights; // one of these formats is taken, the first that there is

  NeededFiles(String use, List<String> required, List<String> settings, List<String> weights) {
    this.use = use;
    this.required = required;
    this.settings = settings;
    this.weights = weights;
  }

  /** What it is called. */
  String noun() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What one is and how it is named, for those who have named it as the other. */
  String use() {
    return use;
  }

  NeededFiles other() {
    return this == MODEL ? ADAPTER : MODEL;
  }

  /**
   * Settings without which there is none of this kind.
   *
   * @param modelType as {@code config.json} has it; "" if that is not known
   */
  List<String> required(String modelType) {
    return this == MODEL && modelType.equals(INSTRUCTED)
        ? Stream.concat(required.stream(), Stream.of(INSTRUCTIONS)).toList()
        : required;
  }

  /**
   * Names of what there would have to be for one of this kind; empty if there is one.
   *
   * @param present which files there are
   * @param modelType as for {@link #required}
   */
  List<String> lacking(Predicate<String> present, String modelType) {
    List<String> lacking = new ArrayList<>(required(modelType));
    lacking.removeIf(present);
    if (weights(present).isEmpty()) {
      lacking.add(expectedWeights());
    }
    return lacking;
  }

  /** The settings among some files; they are taken where they are. */
  List<String> settings(Predicate<String> present) {
    return settings.stream().filter(present).toList();
  }

  /**
   * The file with the weights, or the index of several; nothing if there is neither.
   *
   * @param present which files there are
   */
  Optional<String> weights(Predicate<String> present) {
    for (String single : weights) {
      if (present.test(single)) {
        return Optional.of(single);
      }
      if (present.test(single + INDEX)) {
        return Optional.of(single + INDEX);
      }
    }
    return Optional.empty();
  }

  /** What is expected of one that has no weights in any form. */
  String expectedWeights() {
    return String.join(" or ", weights) + ", whole or in parts";
  }

  /** Whether a file names others that are read with it: an index of weights, or a bundle's own. */
  static boolean namesOthers(String file) {
    return file.endsWith(INDEX) || file.equals(BUNDLE);
  }

  /**
   * The files that another names, each once.
   *
   * @param file one that {@linkplain #namesOthers names others}
   * @param content of it
   * @param where it is, for messages
   * @throws CheckpointException if it is not of its kind
   */
  static List<String> named(String file, byte[] content, String where) {
    JsonNode tree;
    try {
      tree = JsonTrees.PLAIN.read(content);
    } catch (IOException e) {
      throw new CheckpointException(where + ": expected JSON, found: " + e.getMessage(), e);
    }
    return file.equals(BUNDLE) ? bundled(tree, where) : parts(tree, where);
  }

  private static List<String> parts(JsonNode index, String where) {
    Set<String> parts = new LinkedHashSet<>();
    for (JsonNode part : index.path("weight_map")) {
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

  private static List<String> bundled(JsonNode bundle, String where) {
    List<String> names = new ArrayList<>();
    bundle.path("files").fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      if (!BUNDLED_NAME.matcher(name).matches()) {
        throw new CheckpointException(where + ": files: expected names of files, found " + name);
      }
    }
    return names;
  }
}
