package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Json;
import java.util.List;
import java.util.Set;

/**
 * What {@code quantization_config} says of how a checkpoint's weights were packed. Only
 * bitsandbytes' eight bits and NF4 can be unpacked; all else is refused by its name, before a
 * weight is looked for.
 */
final class QuantizationConfig {
  private static final String KEY = "quantization_config";
  private static final Set<String> METHODS =
      Set.of("bitsandbytes", "bitsandbytes_8bit", "bitsandbytes_4bit");
  private static final String NF4 = "nf4";

  private QuantizationConfig() {}

  /**
   * Refuses what cannot be unpacked.
   *
   * @param config {@code config.json}
   * @throws CheckpointException with the method that was found
   */
  static void check(Json config) {
    for (Json part : parts(config)) {
      if (part.has(KEY)) {
        method(part.at(KEY));
      }
    }
  }

  /** Whether settings say that weights were packed. */
  static boolean isIn(Json config) {
    return parts(config).stream().anyMatch(part -> part.has(KEY));
  }

  private static List<Json> parts(Json config) {
    return List.of(config, config.at("text_config"));
  }

  private static void method(Json packed) {
    boolean four = packed.flag("load_in_4bit", false);
    boolean eight = packed.flag("load_in_8bit", false);
    String method = packed.text("quant_method", four || eight ? "bitsandbytes" : "nothing");
    if (!METHODS.contains(method)) {
      throw new CheckpointException(
          packed.where()
              + ": quant_method: expected bitsandbytes, found \""
              + method
              + "\", whose packed weights this library does not read: use the checkpoint that was"
              + " quantised, with a precision such as int4 or int8");
    }
    String kind = packed.text("bnb_4bit_quant_type", "fp4");
    if (four && !kind.equals(NF4)) {
      throw new CheckpointException(
          packed.where()
              + ": bnb_4bit_quant_type: expected \"nf4\", found \""
              + kind
              + "\", whose table of numbers is not the same in all releases of bitsandbytes: use the"
              + " checkpoint that was quantised, with precision int4");
    }
  }
}
