package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code adapter_config.json} says of a LoRA adapter. Source: PEFT, {@code
 * peft/tuners/lora/config.py} and {@code peft/tuners/tuners_utils.py}.
 */
final class AdapterConfig {
  private static final String FILE = "adapter_config.json";
  private static final Pattern FIRST_INDEX = Pattern.compile("\\.(\\d{1,6})\\.");

  /** Settings that change what is computed in ways that are not implemented. */
  private static final List<String> OTHER_KINDS =
      List.of(
          "use_qalora",
          "use_bdlora",
          "layer_replication",
          "target_parameters",
          "trainable_token_indices",
          "alora_invocation_tokens",
          "arrow_config",
          "kasa_config",
          "lora_ga_config",
          "monteclora_config",
          "velora_config");

  /** Beginnings that leave the checkpoint's weights as they are; others change them. */
  private static final List<String> BEGINNINGS =
      List.of("nothing", "null", "true", "false", "\"gaussian\"", "\"eva\"", "\"orthogonal\"");

  private final Json json;
  private final Map<ModulePattern, Double> ranks = new LinkedHashMap<>();
  private final Map<ModulePattern, Double> alphas = new LinkedHashMap<>();
  private final @Nullable ModulePattern target;

  private AdapterConfig(Json json) {
    this.json = json;
    this.target =
        json.isText("target_modules") && !json.text("target_modules").equals("all-linear")
            ? ModulePattern.of(json.where() + ": target_modules", json.text("target_modules"))
            : null;
    read("rank_pattern", ranks);
    read("alpha_pattern", alphas);
  }

  /**
   * Reads the settings of an adapter.
   *
   * @throws CheckpointException if they are missing or wrong, or of an adapter that cannot be
   *     merged; names expected and found
   */
  static AdapterConfig read(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new CheckpointException(
          directory + ": expected an adapter's directory, found no directory");
    }
    Json json = Json.read(directory.resolve(FILE));
    Rules.oneOf(json.where() + ": peft_type", json.text("peft_type", "nothing"), "LORA");
    for (String kind : OTHER_KINDS) {
      if (json.has(kind) && !List.of("false", "[]", "{}").contains(json.shown(kind))) {
        throw new CheckpointException(
            json.where()
                + ": "
                + kind
                + ": expected none, since only plain LoRA, rsLoRA and DoRA can be merged, found "
                + json.shown(kind));
      }
    }
    String beginning = json.shown("init_lora_weights");
    if (!BEGINNINGS.contains(beginning)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: init_lora_weights: expected one of %s, found %s, which changes the checkpoint's"
                  + " own weights; PEFT's save_pretrained converts it when it is given"
                  + " path_initial_model_for_weight_conversion",
              json.where(),
              BEGINNINGS.subList(2, BEGINNINGS.size()),
              beginning));
    }
    requireKnownCode(json.at("auto_mapping"));
    return new AdapterConfig(json);
  }

  private static void requireKnownCode(Json mapping) {
    String library = mapping.text("parent_library", "transformers.models");
    if (!library.startsWith("transformers.models") && !library.startsWith("peft.")) {
      throw new CheckpointException(
          mapping.where()
              + ": parent_library: expected a model of Transformers, found \""
              + library
              + "\": code that comes with a model is not run");
    }
  }

  /** Refuses an adapter that is given as if it were a checkpoint. */
  static void refuseAsModel(Path directory) {
    if (!Files.exists(directory.resolve("config.json")) && Files.exists(directory.resolve(FILE))) {
      throw new CheckpointException(
          directory
              + ": expected a checkpoint with config.json, found an adapter: name its base as the"
              + " model and this as the adapter");
    }
  }

  private void read(String key, Map<ModulePattern, Double> values) {
    Json map = json.at(key);
    for (String expression : map.keys()) {
      ModulePattern pattern = ModulePattern.of(map.where(), "(.*\\.)?(" + expression + ")");
      double absent = -1;
      double value =
          key.startsWith("rank")
              ? map.positive(expression, (int) absent)
              : map.number(expression, absent);
      values.put(pattern, value);
    }
  }

  /** Where the file is, for messages. */
  String where() {
    return json.where();
  }

  /** Rank of a module's change. */
  int rank(String module) {
    return first(ranks, module, json.positive("r", 8)).intValue();
  }

  /** What a module's change is multiplied by: α/r, or α/√r with rank-stabilised scaling. */
  double scale(String module) {
    double alpha = first(alphas, module, json.number("lora_alpha", 8));
    int rank = rank(module);
    return alpha / (json.flag("use_rslora", false) ? Math.sqrt(rank) : rank);
  }

  private static Double first(Map<ModulePattern, Double> patterns, String module, double absent) {
    for (Map.Entry<ModulePattern, Double> entry : patterns.entrySet()) {
      if (entry.getKey().matches(module)) {
        return entry.getValue();
      }
    }
    return absent;
  }

  /** Whether rows are scaled to lengths of their own (Liu et al. 2024, DoRA). */
  boolean dora() {
    return json.flag("use_dora", false);
  }

  /** Whether weights may be stored (in, out). */
  boolean transposed() {
    return json.flag("fan_in_fan_out", false);
  }

  /** Whether tied weights are meant to stay tied. */
  boolean keepsTies() {
    return json.flag("ensure_weight_tying", false);
  }

  /** Refuses a module that PEFT would not change. */
  void requireTarget(String module) {
    if (!targets(module)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected modules of target_modules %s%s, found tensors of %s",
              json.where(),
              json.shown("target_modules"),
              json.has("layers_to_transform")
                  ? " in layers " + json.shown("layers_to_transform")
                  : "",
              module));
    }
  }

  private boolean targets(String module) {
    if (json.has("layers_to_transform") && !json.has("layers_pattern")) {
      Matcher index = FIRST_INDEX.matcher(module);
      List<Integer> layers = json.ids("layers_to_transform");
      if (!layers.isEmpty()
          && !(index.find() && layers.contains(Integer.parseInt(index.group(1))))) {
        return false;
      }
    }
    if (target != null) {
      return target.matches(module);
    }
    return !json.has("target_modules")
        || json.isText("target_modules")
        || json.texts("target_modules", List.of()).stream()
            .anyMatch(t -> module.equals(t) || module.endsWith("." + t));
  }
}
