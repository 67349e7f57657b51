package io.github.blip2j.internal.family.vit;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.LayerNorm;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The image encoder: a pre-norm vision transformer (Dosovitskiy et al. 2021) with the shapes of
 * EVA-CLIP's ViT-g, or of CLIP's ViT-L, which has a norm in front of the first block and another
 * GELU. Source: Transformers, {@code Blip2VisionModel}; LAVIS, {@code clip_vit.py}.
 */
record VisionTransformer(
    WeightTensor patchWeight,
    WeightTensor patchBias,
    WeightTensor classEmbedding,
    WeightTensor positionEmbedding,
    @Nullable LayerNorm preLayerNorm,
    List<Block> blocks,
    LayerNorm postLayerNorm)
    implements Stage.Body {

  /**
   * Names and shapes of a checkpoint's vision model.
   *
   * @param clip whether it is CLIP's
   */
  static VisionTransformer of(VitConfig c, Weights model, boolean clip) {
    Weights embeddings = model.at("embeddings");
    int patch = c.patchSize();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      blocks.add(Block.of(c, model.at("encoder.layers." + i), clip));
    }
    return new VisionTransformer(
        embeddings.tensor("patch_embedding.weight", c.hiddenSize(), 3, patch, patch),
        embeddings.tensor("patch_embedding.bias", c.hiddenSize()),
        embeddings.tensor("class_embedding", 1, 1, c.hiddenSize()),
        embeddings.tensor("position_embedding", 1, c.patches(), c.hiddenSize()),
        clip ? LayerNorm.of(model.at("pre_layernorm"), c.hiddenSize(), c.layerNormEps()) : null,
        blocks,
        LayerNorm.of(model.at("post_layernorm"), c.hiddenSize(), c.layerNormEps()));
  }

  @Override
  public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
    return List.of(forward(ops, inputs.get(ModelProgram.PIXELS)));
  }

  /**
   * Patch vectors of images.
   *
   * @param pixels (B,3,side,side)
   * @return (B,N,E), class vector first
   */
  <T> T forward(Ops<T> ops, T pixels) {
    T patches = ops.patchEmbedding(pixels, patchWeight, patchBias); // (B,N-1,E)
    T x = ops.concat(ops.expand(classEmbedding, pixels), patches); // (B,N,E)
    x = ops.addParameter(x, positionEmbedding); // (B,N,E)
    x = preLayerNorm == null ? x : preLayerNorm.forward(ops, x); // (B,N,E)
    for (Block block : blocks) {
      x = block.forward(ops, x); // (B,N,E)
    }
    return postLayerNorm.forward(ops, x); // (B,N,E)
  }

  /** One pre-norm transformer block; q, k and v are one projection, whose rows are all q, k, v. */
  record Block(
      Heads heads,
      LayerNorm norm1,
      Linear qkv,
      Linear projection,
      LayerNorm norm2,
      Linear up,
      Linear down,
      boolean quick) {

    /** x·σ(1.702x), by which CLIP approximates GELU (Hendrycks and Gimpel 2016). */
    private static final double QUICK = 1.702;

    static Block of(VitConfig c, Weights w, boolean clip) {
      int e = c.hiddenSize();
      Weights qkv = w.at("self_attn.qkv");
      return new Block(
          Heads.of(c.heads(), Math.pow((double) e / c.heads(), -0.5)),
          LayerNorm.of(w.at("layer_norm1"), e, c.layerNormEps()),
          c.qkvBias() ? Linear.of(qkv, e, 3 * e) : Linear.withoutBias(qkv, e, 3 * e),
          Linear.of(w.at("self_attn.projection"), e, e),
          LayerNorm.of(w.at("layer_norm2"), e, c.layerNormEps()),
          Linear.of(w.at("mlp.fc1"), e, c.intermediateSize()),
          Linear.of(w.at("mlp.fc2"), c.intermediateSize(), e),
          clip);
    }

    <T> T forward(Ops<T> ops, T x) { // (B,N,E)
      List<T> parts = ops.split(qkv.forward(ops, norm1.forward(ops, x)), 3); // 3 of (B,N,E)
      Ops.Attended<T> all = new Ops.Attended<>(parts.get(0), parts.get(1), parts.get(2));
      T seen = ops.attention(all, heads, null); // (B,N,E)
      T a = ops.add(x, projection.forward(ops, seen)); // (B,N,E)
      T inner = activated(ops, up.forward(ops, norm2.forward(ops, a))); // (B,N,intermediate)
      return ops.add(a, down.forward(ops, inner)); // (B,N,E)
    }

    private <T> T activated(Ops<T> ops, T x) {
      return quick ? ops.scale(ops.silu(ops.scale(x, QUICK)), 1 / QUICK) : ops.gelu(x);
    }
  }
}
