package io.github.blip2j.internal.family.opt;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.LayerNorm;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import java.util.ArrayList;
import java.util.List;

/**
 * The OPT language model (Zhang et al. 2022): pre-norm, learned positions. Source: Transformers,
 * {@code OPTForCausalLM}.
 */
record OptDecoder(
    WeightTensor tokens,
    WeightTensor positions,
    List<Block> blocks,
    LayerNorm finalLayerNorm,
    Linear head)
    implements DecoderProgram.Network {

  /** Epsilon of OPT's norms: PyTorch's default, which no configuration states. */
  private static final double EPS = 1e-5;

  /** Names and shapes of a checkpoint's OPT; the head is tied to the tokens unless it is stored. */
  static OptDecoder of(OptConfig c, Weights language) {
    Weights model = language.at("model.decoder");
    int d = c.hiddenSize();
    int v = c.vocabularySize();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      blocks.add(Block.of(c, model.at("layers." + i)));
    }
    WeightTensor tokens = model.tensor("embed_tokens.weight", v, d);
    boolean stored = language.has("lm_head.weight");
    return new OptDecoder(
        tokens,
        model.tensor("embed_positions.weight", c.maxPositions() + OptConfig.POSITION_OFFSET, d),
        blocks,
        LayerNorm.of(model.at("final_layer_norm"), d, EPS),
        new Linear(stored ? language.tensor("lm_head.weight", v, d) : tokens, null));
  }

  /**
   * One step over new positions.
   *
   * @param features (B,F,d) image features in front of the tokens; F may be 0
   * @param ids (B,T) token ids
   * @param positionIds (B,F+T) position of each vector in its row, from 0
   * @return logits (B,1,V) after the last real position of each row
   */
  @Override
  public <T> T forward(Ops<T> ops, T features, T ids, T positionIds) {
    T x = ops.concat(features, ops.embedding(ids, tokens, 0)); // (B,F+T,d)
    x = ops.add(x, ops.embedding(positionIds, positions, OptConfig.POSITION_OFFSET)); // (B,F+T,d)
    int layer = 0;
    for (Block block : blocks) {
      x = block.forward(ops, x, layer++); // (B,F+T,d)
    }
    T last = finalLayerNorm.forward(ops, ops.lastPosition(x)); // (B,1,d)
    return head.forward(ops, last); // (B,1,V)
  }

  /** One pre-norm decoder block. Its {@code final_layer_norm} is the feed-forward layer's norm. */
  record Block(
      Heads heads,
      boolean relu,
      LayerNorm selfNorm,
      Linear query,
      Linear key,
      Linear value,
      Linear out,
      LayerNorm norm,
      Linear up,
      Linear down) {

    static Block of(OptConfig c, Weights w) {
      int d = c.hiddenSize();
      Weights attention = w.at("self_attn");
      return new Block(
          Heads.of(c.heads(), Math.pow((double) d / c.heads(), -0.5)),
          c.activation().equals("relu"),
          LayerNorm.of(w.at("self_attn_layer_norm"), d, EPS),
          Linear.of(attention.at("q_proj"), d, d),
          Linear.of(attention.at("k_proj"), d, d),
          Linear.of(attention.at("v_proj"), d, d),
          Linear.of(attention.at("out_proj"), d, d),
          LayerNorm.of(w.at("final_layer_norm"), d, EPS),
          Linear.of(w.at("fc1"), d, c.feedForwardSize()),
          Linear.of(w.at("fc2"), c.feedForwardSize(), d));
    }

    <T> T forward(Ops<T> ops, T x, int layer) { // (B,T,d)
      T n = selfNorm.forward(ops, x); // (B,T,d)
      T q = query.forward(ops, n); // (B,T,d)
      T k = key.forward(ops, n); // (B,T,d)
      T v = value.forward(ops, n); // (B,T,d)
      T seen = ops.cachedAttention(new Ops.Attended<>(q, k, v), heads, layer, null); // (B,T,d)
      T a = ops.add(x, out.forward(ops, seen)); // (B,T,d)
      T inner = up.forward(ops, norm.forward(ops, a)); // (B,T,ffn)
      inner = relu ? ops.relu(inner) : ops.gelu(inner); // (B,T,ffn)
      return ops.add(a, down.forward(ops, inner)); // (B,T,d)
    }
  }
}
