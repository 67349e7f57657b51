package io.github.blip2j.internal.family.vit;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.Stage;
import java.util.List;

/**
 * Shape of the vision transformer, with the defaults of Transformers' {@code Blip2VisionConfig} for
 * what a published configuration leaves out.
 *
 * @param hiddenSize width E of a patch vector
 * @param intermediateSize width of the feed-forward layer
 * @param layers number of blocks
 * @param heads attention heads; divides {@code hiddenSize}
 * @param imageSize side of the square image in pixels; a multiple of {@code patchSize}
 * @param patchSize side of a patch in pixels
 * @param layerNormEps epsilon of every layer norm
 * @param qkvBias whether the fused query, key and value projection has a bias
 */
record VitConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int imageSize,
    int patchSize,
    double layerNormEps,
    boolean qkvBias)
    implements VisionConfig {

  /** Most pixels along a side; the published checkpoints have 224 and 364. */
  static final int MOST_SIDE = 8192;

  /** Checks that heads and patches divide evenly, and that sizes can be counted. */
  VitConfig {
    Rules.divides("vision_config: num_attention_heads", heads, "hidden_size", hiddenSize);
    Rules.divides("vision_config: patch_size", patchSize, "image_size", imageSize);
    if (imageSize > MOST_SIDE) {
      throw new CheckpointException(
          "vision_config: image_size: expected at most " + MOST_SIDE + ", found " + imageSize);
    }
  }

  @Override
  public VisionConfig withImageSize(int side) {
    return new VitConfig(
        hiddenSize, intermediateSize, layers, heads, side, patchSize, layerNormEps, qkvBias);
  }

  @Override
  public Stage stage(Weights weights) {
    return stage(weights, false);
  }

  Stage stage(Weights weights, boolean clip) {
    Axis side = Axis.of(imageSize);
    return Stage.of(
        "vision",
        List.of(Stage.Input.floats(ModelProgram.PIXELS, Axis.BATCH, Axis.of(3), side, side)),
        List.of(
            Stage.Output.of(
                ModelProgram.PATCHES, Axis.BATCH, Axis.of(patches()), Axis.of(hiddenSize))),
        VisionTransformer.of(this, weights, clip));
  }

  static VitConfig parse(Json json) {
    Rules.oneOf(json.where() + ": hidden_act", json.text("hidden_act", "gelu"), "gelu");
    return new VitConfig(
        json.positive("hidden_size", 1408),
        json.positive("intermediate_size", 6144),
        json.positive("num_hidden_layers", 39),
        json.positive("num_attention_heads", 16),
        json.positive("image_size", 224),
        json.positive("patch_size", 14),
        json.epsilon("layer_norm_eps", 1e-6),
        json.flag("qkv_bias", true));
  }
}
