package io.github.blip2j.internal.family.llama;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.RmsNorm;
import io.github.blip2j.stage.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The LLaMA language model (Touvron et al. 2023): pre-norm, rotary positions, a gated feed-forward
 * layer; queries may share key/value heads. Source: Transformers, {@code LlamaForCausalLM}, {@code
 * MistralForCausalLM} and {@code Qwen2ForCausalLM}.
 */
record LlamaDecoder(WeightTensor tokens, List<Block> blocks, RmsNorm norm, Linear head)
    implements DecoderProgram.Network {
  static final String MODEL = "model";
  static final String TOKENS = "embed_tokens.weight";
  static final String HEAD = "lm_head.weight";

  /** Names and shapes of a checkpoint's decoder; a tied head is the token table unless stored. */
  static LlamaDecoder of(LlamaConfig c, Weights language) {
    Weights model = language.at(MODEL);
    int d = c.hiddenSize();
    int v = c.vocabularySize();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      blocks.add(Block.of(c, model.at("layers." + i)));
    }
    WeightTensor tokens = model.tensor(TOKENS, v, d);
    boolean own = !c.tied() || language.has(HEAD);
    return new LlamaDecoder(
        tokens,
        blocks,
        RmsNorm.of(model.at("norm"), d, c.normEps()),
        new Linear(own ? language.tensor(HEAD, v, d) : tokens, null));
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
    int layer = 0;
    for (Block block : blocks) {
      x = block.forward(ops, x, positionIds, layer++); // (B,F+T,d)
    }
    return head.forward(ops, norm.forward(ops, ops.lastPosition(x))); // (B,1,V)
  }

  /** Attention, then a gated feed-forward layer (Shazeer 2020); the norm comes first each time. */
  record Block(
      Heads heads,
      Rotary rotary,
      RmsNorm selfNorm,
      Linear query,
      Linear key,
      Linear value,
      Linear out,
      RmsNorm norm,
      Linear gate,
      Linear up,
      Linear down) {

    static Block of(LlamaConfig c, Weights w) {
      int d = c.hiddenSize();
      Weights attention = w.at("self_attn");
      Weights mlp = w.at("mlp");
      return new Block(
          new Heads(c.heads(), c.keyValueHeads(), Math.pow(c.rotary().headWidth(), -0.5)),
          c.rotary(),
          RmsNorm.of(w.at("input_layernorm"), d, c.normEps()),
          projection(c, attention.at("q_proj"), c.attentionWidth()),
          projection(c, attention.at("k_proj"), c.keyWidth()),
          projection(c, attention.at("v_proj"), c.keyWidth()),
          Linear.withoutBias(attention.at("o_proj"), c.attentionWidth(), d),
          RmsNorm.of(w.at("post_attention_layernorm"), d, c.normEps()),
          Linear.withoutBias(mlp.at("gate_proj"), d, c.feedForwardSize()),
          Linear.withoutBias(mlp.at("up_proj"), d, c.feedForwardSize()),
          Linear.withoutBias(mlp.at("down_proj"), c.feedForwardSize(), d));
    }

    private static Linear projection(LlamaConfig c, Weights w, int out) {
      return c.attentionBias()
          ? Linear.of(w, c.hiddenSize(), out)
          : Linear.withoutBias(w, c.hiddenSize(), out);
    }

    <T> T forward(Ops<T> ops, T x, T positionIds, int layer) { // (B,T,d)
      T n = selfNorm.forward(ops, x); // (B,T,d)
      T q = ops.rotate(query.forward(ops, n), positionIds, rotary); // (B,T,H·d)
      T k = ops.rotate(key.forward(ops, n), positionIds, rotary); // (B,T,G·d)
      T v = value.forward(ops, n); // (B,T,G·d)
      T seen = ops.cachedAttention(new Ops.Attended<>(q, k, v), heads, layer, null); // (B,T,H·d)
      T a = ops.add(x, out.forward(ops, seen)); // (B,T,d)
      T m = norm.forward(ops, a); // (B,T,d)
      T inner = ops.multiply(ops.silu(gate.forward(ops, m)), up.forward(ops, m)); // (B,T,ffn)
      return ops.add(a, down.forward(ops, inner)); // (B,T,d)
    }
  }
}
