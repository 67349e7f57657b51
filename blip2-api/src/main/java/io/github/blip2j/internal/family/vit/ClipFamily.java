package io.github.blip2j.internal.family.vit;

import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.family.VisionFamily;
import io.github.blip2j.files.Json;

/** The vision transformer of the paper's second choice, CLIP's ViT-L. */
public final class ClipFamily implements VisionFamily {
  /** Creates the family. */
  public ClipFamily() {}

  @Override
  public String modelType() {
    return "clip_vision_model";
  }

  @Override
  public VisionConfig parse(Json json) {
    return ClipConfig.parse(json);
  }
}
