package io.github.blip2j.internal.family.vit;

import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.family.VisionFamily;
import io.github.blip2j.files.Json;

/** The vision transformer of the published BLIP-2 checkpoints, EVA-CLIP's ViT-g. */
public final class VitFamily implements VisionFamily {
  /** Creates the family. */
  public VitFamily() {}

  @Override
  public String modelType() {
    return "blip_2_vision_model";
  }

  @Override
  public VisionConfig parse(Json json) {
    return VitConfig.parse(json);
  }
}
