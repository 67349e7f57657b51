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
 * T5's decoder with its head, over what the encoder read. Source: Transformers, {@code
 * T5ForConditionalGeneration}.
 */
record T5Decoder(
    WeightTensor tokens,
    WeightTensor bias,
    List<Block> blocks,
    RmsNorm finalNorm,
    double outputScale,
    Linear head) {

  /**
   * Names and shapes of a checkpoint's decoder; the head is the token table unless it is stored.
   */
  static T5Decoder of(T5Config c, Weights language) {
    Weights decoder = language.at("decoder");
    int d = c.hiddenSize();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      blocks.add(Block.of(c, decoder.at("block." + i)));
    }
    WeightTensor tokens = T5Layers.tokens(c, language);
    boolean stored = language.has("lm_head.weight");
    return new T5Decoder(
        tokens,
        T5Layers.positionBias(c, decoder),
        blocks,
        RmsNorm.of(decoder.at("final_layer_norm"), d, c.layerNormEps()),
        c.scaledOutputs() ? Math.pow(d, -0.5) : 1,
        new Linear(
            stored ? language.tensor("lm_head.weight", c.vocabularySize(), d) : tokens, null));
  }

  /**
   * One step over new positions.
   *
   * @param ids (B,T) token ids
   * @param buckets (B,T,S) number of each relative position among all S keys of the row so far, −1
   *     for a key that a position does not see
   * @return logits (B,1,V) after the last real position of each row
   */
  <T> T forward(Ops<T> ops, T ids, T buckets) {
    T x = ops.embedding(ids, tokens, 0); // (B,T,d)
    T positions = ops.relativeBias(buckets, bias);
    int layer = 0;
    for (Block block : blocks) {
      x = block.forward(ops, x, positions, layer++); // (B,T,d)
    }
    T last = finalNorm.forward(ops, ops.lastPosition(x)); // (B,1,d)
    if (outputScale != 1) {
      last = ops.scale(last, outputScale); // (B,1,d)
    }
    return head.forward(ops, last); // (B,1,V)
  }

  /** Self-attention, cross-attention, feed-forward; the norm comes first each time. */
  record Block(
      Heads heads,
      RmsNorm selfNorm,
      T5Layers.Projections self,
      RmsNorm crossNorm,
      Linear crossQuery,
      Linear crossOut,
      RmsNorm norm,
      T5Layers.FeedForward feedForward) {

    static Block of(T5Config c, Weights w) {
      int d = c.hiddenSize();
      int inner = c.heads() * c.headWidth();
      Weights cross = w.at("layer.1");
      Weights last = w.at("layer.2");
      return new Block(
          T5Layers.heads(c),
          RmsNorm.of(w.at("layer.0.layer_norm"), d, c.layerNormEps()),
          T5Layers.Projections.of(c, w.at("layer.0.SelfAttention")),
          RmsNorm.of(cross.at("layer_norm"), d, c.layerNormEps()),
          Linear.withoutBias(cross.at("EncDecAttention.q"), d, inner),
          Linear.withoutBias(cross.at("EncDecAttention.o"), inner, d),
          RmsNorm.of(last.at("layer_norm"), d, c.layerNormEps()),
          T5Layers.FeedForward.of(c, last.at("DenseReluDense")));
    }

    <T> T forward(Ops<T> ops, T x, T positions, int layer) { // (B,T,d)
      T n = selfNorm.forward(ops, x); // (B,T,d)
      T q = self.query().forward(ops, n); // (B,T,H·d)
      T k = self.key().forward(ops, n); // (B,T,H·d)
      T v = self.value().forward(ops, n); // (B,T,H·d)
      T seen = ops.cachedAttention(new Ops.Attended<>(q, k, v), heads, layer, positions);
      T a = ops.add(x, self.out().forward(ops, seen)); // (B,T,d)
      T asked = crossQuery.forward(ops, crossNorm.forward(ops, a)); // (B,T,H·d)
      T found = ops.memoryAttention(asked, heads, layer); // (B,T,H·d)
      T b = ops.add(a, crossOut.forward(ops, found)); // (B,T,d)
      return ops.add(b, feedForward.forward(ops, norm.forward(ops, b))); // (B,T,d)
    }
  }
}
