package io.github.blip2j.internal.family.t5;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.RmsNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * T5's encoder, which reads image and prompt, and the projections that turn what it read into the
 * keys and values of the decoder's cross-attention: they are computed once for each image and
 * prompt. Source: Transformers, {@code T5Stack}.
 */
record T5Encoder(
    WeightTensor tokens,
    WeightTensor bias,
    List<Block> blocks,
    RmsNorm norm,
    List<Memory> memories) {

  /** Names and shapes of a checkpoint's encoder. */
  static T5Encoder of(T5Config c, Weights language) {
    Weights encoder = language.at("encoder");
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.encoderLayers(); i++) {
      blocks.add(Block.of(c, encoder.at("block." + i)));
    }
    List<Memory> memories = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      memories.add(Memory.of(c, language.at("decoder.block." + i + ".layer.1.EncDecAttention")));
    }
    return new T5Encoder(
        T5Layers.tokens(c, language),
        T5Layers.positionBias(c, encoder),
        blocks,
        RmsNorm.of(encoder.at("final_layer_norm"), c.hiddenSize(), c.layerNormEps()),
        memories);
  }

  /**
   * Reads image and prompt.
   *
   * @param features (B,F,d) projected queries in front of the tokens
   * @param ids (B,T) token ids
   * @param buckets (B,F+T,F+T) number of each pair's relative position, −1 for a key of padding
   * @return (B,F+T,d)
   */
  <T> T forward(Ops<T> ops, T features, T ids, T buckets) {
    T x = ops.concat(features, ops.embedding(ids, tokens, 0)); // (B,F+T,d)
    T positions = ops.relativeBias(buckets, bias);
    for (Block block : blocks) {
      x = block.forward(ops, x, positions); // (B,F+T,d)
    }
    return norm.forward(ops, x); // (B,F+T,d)
  }

  /** What the cross-attention of one decoder block looks at. */
  record Memory(Linear key, Linear value) {
    static Memory of(T5Config c, Weights w) {
      int inner = c.heads() * c.headWidth();
      return new Memory(
          Linear.withoutBias(w.at("k"), c.hiddenSize(), inner),
          Linear.withoutBias(w.at("v"), c.hiddenSize(), inner));
    }

    /** Keys (B,S,H·d) of what the encoder read. */
    <T> T keys(Ops<T> ops, T read) {
      return key.forward(ops, read);
    }

    /** Values (B,S,H·d) of what the encoder read. */
    <T> T values(Ops<T> ops, T read) {
      return value.forward(ops, read);
    }
  }

  /** Self-attention in both directions, then feed-forward; the norm comes first. */
  record Block(
      Heads heads,
      RmsNorm selfNorm,
      T5Layers.Projections self,
      RmsNorm norm,
      T5Layers.FeedForward feedForward) {

    static Block of(T5Config c, Weights w) {
      Weights last = w.at("layer.1");
      return new Block(
          T5Layers.heads(c),
          RmsNorm.of(w.at("layer.0.layer_norm"), c.hiddenSize(), c.layerNormEps()),
          T5Layers.Projections.of(c, w.at("layer.0.SelfAttention")),
          RmsNorm.of(last.at("layer_norm"), c.hiddenSize(), c.layerNormEps()),
          T5Layers.FeedForward.of(c, last.at("DenseReluDense")));
    }

    <T> T forward(Ops<T> ops, T x, T positions) { // (B,S,d)
      T n = selfNorm.forward(ops, x); // (B,S,d)
      T q = self.query().forward(ops, n); // (B,S,H·d)
      T k = self.key().forward(ops, n); // (B,S,H·d)
      T v = self.value().forward(ops, n); // (B,S,H·d)
      T seen = ops.attention(new Ops.Attended<>(q, k, v), heads, positions); // (B,S,H·d)
      T a = ops.add(x, self.out().forward(ops, seen)); // (B,S,d)
      return ops.add(a, feedForward.forward(ops, norm.forward(ops, a))); // (B,S,d)
    }
  }
}
