package io.github.blip2j.family;

import io.github.blip2j.files.Json;

/** A kind of vision encoder, found by its name in {@code config.json}. Safe for many threads. */
public interface VisionFamily {
  /**
   * Its name.
   *
   * @return {@code model_type} of {@code vision_config}, such as {@code blip_2_vision_model}
   */
  String modelType();

  /**
   * Reads the settings.
   *
   * @param json {@code vision_config}
   * @return the settings, checked
   * @throws io.github.blip2j.core.CheckpointException if a setting is missing or wrong; names
   *     expected and found
   */
  VisionConfig parse(Json json);
}
