package io.github.blip2j.internal.family.bloom;

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
 * The BLOOM language model (Scao et al. 2022): pre-norm, a norm behind the embeddings that image
 * features go through too, and attention that falls with the distance instead of positions. Source:
 * Transformers, {@code BloomForCausalLM}.
 */
@SuppressWarnings("ArrayRecordComponent") // constants, not compared
record BloomDecoder(
    WeightTensor tokens,
    LayerNorm embeddingNorm,
    float[] slopes,
    List<Block> blocks,
    LayerNorm finalNorm,
    Linear head)
    implements DecoderProgram.Network {

  /** Names and shapes of a checkpoint's BLOOM; the head is tied to the tokens unless stored. */
  static BloomDecoder of(BloomConfig c, Weights language) {
    Weights model = language.at("transformer");
    int d = c.hiddenSize();
    int v = c.vocabularySize();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      blocks.add(Block.of(c, model.at("h." + i)));
    }
    WeightTensor tokens = model.tensor("word_embeddings.weight", v, d);
    boolean stored = language.has("lm_head.weight");
    return new BloomDecoder(
        tokens,
        LayerNorm.of(model.at("word_embeddings_layernorm"), d, c.layerNormEps()),
        Slopes.of(c.heads()),
        blocks,
        LayerNorm.of(model.at("ln_f"), d, c.layerNormEps()),
        new Linear(stored ? language.tensor("lm_head.weight", v, d) : tokens, null));
  }

  /**
   * One step over new positions.
   *
   * @param features (B,F,d) image features in front of the tokens; F may be 0
   * @param ids (B,T) token ids
   * @param distances (B,F+T,S) how far each of all S keys of the row so far lies behind a position,
   *     negative for a key that it does not see
   * @return logits (B,1,V) after the last real position of each row
   */
  @Override
  public <T> T forward(Ops<T> ops, T features, T ids, T distances) {
    T joined = ops.concat(features, ops.embedding(ids, tokens, 0)); // (B,F+T,d)
    T x = embeddingNorm.forward(ops, joined); // (B,F+T,d)
    T bias = ops.distanceBias(distances, slopes); // (B,H,F+T,S)
    int layer = 0;
    for (Block block : blocks) {
      x = block.forward(ops, x, bias, layer++); // (B,F+T,d)
    }
    return head.forward(ops, finalNorm.forward(ops, ops.lastPosition(x))); // (B,1,V)
  }

  /** Attention, then feed-forward; q, k and v are one projection, whose rows are theirs by head. */
  record Block(
      Heads heads,
      LayerNorm selfNorm,
      Linear qkv,
      Linear out,
      LayerNorm norm,
      Linear up,
      Linear down) {

    static Block of(BloomConfig c, Weights w) {
      int d = c.hiddenSize();
      return new Block(
          Heads.of(c.heads(), Math.pow((double) d / c.heads(), -0.5)),
          LayerNorm.of(w.at("input_layernorm"), d, c.layerNormEps()),
          Linear.of(w.at("self_attention.query_key_value"), d, 3 * d),
          Linear.of(w.at("self_attention.dense"), d, d),
          LayerNorm.of(w.at("post_attention_layernorm"), d, c.layerNormEps()),
          Linear.of(w.at("mlp.dense_h_to_4h"), d, 4 * d),
          Linear.of(w.at("mlp.dense_4h_to_h"), 4 * d, d));
    }

    <T> T forward(Ops<T> ops, T x, T bias, int layer) { // (B,T,d)
      T joined = qkv.forward(ops, selfNorm.forward(ops, x)); // (B,T,H·3·d/H)
      List<T> parts = ops.splitHeads(joined, heads.count(), 3); // 3 of (B,T,d)
      Ops.Attended<T> all = new Ops.Attended<>(parts.get(0), parts.get(1), parts.get(2));
      T seen = ops.cachedAttention(all, heads, layer, bias); // (B,T,d)
      T a = ops.add(x, out.forward(ops, seen)); // (B,T,d)
      T inner = ops.geluTanh(up.forward(ops, norm.forward(ops, a))); // (B,T,4·d)
      return ops.add(a, down.forward(ops, inner)); // (B,T,d)
    }
  }
}
