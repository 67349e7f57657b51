package io.github.blip2j.family;

import io.github.blip2j.files.Json;

/**
 * A kind of language model, found by its name in {@code config.json}. Families of other libraries
 * are found through {@link java.util.ServiceLoader}; they have a public constructor without
 * arguments. Immutable; safe for many threads.
 */
public interface LanguageFamily {
  /**
   * Its name.
   *
   * @return {@code model_type} of {@code text_config}, such as {@code opt}
   */
  String modelType();

  /**
   * Reads the settings.
   *
   * @param text {@code text_config}
   * @param generation {@code generation_config.json}, or an empty object
   * @return the settings, checked
   * @throws io.github.blip2j.core.CheckpointException if a setting is missing or wrong; names
   *     expected and found
   */
  TextConfig parse(Json text, Json generation);
}
