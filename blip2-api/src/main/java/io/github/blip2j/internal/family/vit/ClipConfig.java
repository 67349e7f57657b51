package io.github.blip2j.internal.family.vit;

import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Stage;

/**
 * Shape of CLIP's vision transformer (Radford et al. 2021) without its last block, with LAVIS's
 * defaults of ViT-L.
 *
 * @param shape numbers that it has in common with other vision transformers
 */
record ClipConfig(VitConfig shape) implements VisionConfig {
  static ClipConfig parse(Json json) {
    Rules.oneOf(json.where() + ": hidden_act", json.text("hidden_act", "quick_gelu"), "quick_gelu");
    return new ClipConfig(
        new VitConfig(
            json.positive("hidden_size", 1024),
            json.positive("intermediate_size", 4096),
            json.positive("num_hidden_layers", 23),
            json.positive("num_attention_heads", 16),
            json.positive("image_size", 224),
            json.positive("patch_size", 14),
            json.epsilon("layer_norm_eps", 1e-5),
            true));
  }

  @Override
  public int hiddenSize() {
    return shape.hiddenSize();
  }

  @Override
  public int layers() {
    return shape.layers();
  }

  @Override
  public int imageSize() {
    return shape.imageSize();
  }

  @Override
  public int patchSize() {
    return shape.patchSize();
  }

  @Override
  public VisionConfig withImageSize(int side) {
    return new ClipConfig((VitConfig) shape.withImageSize(side));
  }

  @Override
  public Stage stage(Weights weights) {
    return shape.stage(weights, true);
  }
}
