package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.LayerNorm;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import java.util.ArrayList;
import java.util.List;

/**
 * The Q-Former as a decoder (Li et al. 2023, §3.2, image-grounded text generation): a token of text
 * sees all queries and the text up to itself, and of the image only what the queries have made of
 * it. Source: LAVIS, {@code BertLMHeadModel}.
 *
 * @param queries Q, which stand in front of the text in the cache
 * @param embeddings of tokens and of their places within the text
 * @param norm behind them
 * @param blocks of which the text's feed-forward layers are used
 * @param transform first layer of the head
 * @param transformNorm behind its GELU
 * @param decoder to logits
 */
record QFormerWriter(
    int queries,
    TextEmbeddings embeddings,
    LayerNorm norm,
    List<QFormerNetwork.Block> blocks,
    Linear transform,
    LayerNorm transformNorm,
    Linear decoder)
    implements DecoderProgram.Network {

  /**
   * Names and shapes; the head's table is that of the words, its bias the head's, unless stored.
   */
  static QFormerWriter of(WriterConfig c, Weights weights) {
    int d = c.qformer().hiddenSize();
    double eps = c.qformer().layerNormEps();
    List<QFormerNetwork.Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.qformer().layers(); i++) {
      Weights block = weights.at("qformer.encoder.layer." + i);
      blocks.add(QFormerNetwork.Block.of(c.qformer(), block, 0)); // what sees the image is not used
    }
    TextEmbeddings embeddings = TextEmbeddings.of(c.texts(), d, weights.at("embeddings"));
    Weights head = weights.at("cls.predictions");
    int v = c.vocabularySize();
    return new QFormerWriter(
        c.qformer().queries(),
        embeddings,
        LayerNorm.of(weights.at("qformer.layernorm"), d, eps),
        blocks,
        Linear.of(head.at("transform.dense"), d, d),
        LayerNorm.of(head.at("transform.LayerNorm"), d, eps),
        new Linear(
            head.has("decoder.weight") ? head.tensor("decoder.weight", v, d) : embeddings.words(),
            head.tensor(head.has("decoder.bias") ? "decoder.bias" : "bias", v)));
  }

  /**
   * One step over new tokens.
   *
   * @param features (B,F,2·L·D) keys and values of the queries in each block, F Q or 0
   * @param ids (B,T) token ids
   * @param places (B,T) where each token stands behind the queries, from Q
   * @return logits (B,1,V) after the last real token of each row
   */
  @Override
  public <T> T forward(Ops<T> ops, T features, T ids, T places) {
    List<T> kept = ops.split(features, 2 * blocks.size()); // 2·L of (B,F,D)
    T x = norm.forward(ops, embeddings.forward(ops, ids, places, -queries)); // (B,T,D)
    for (int i = 0; i < blocks.size(); i++) {
      x = block(ops, x, kept.subList(2 * i, 2 * i + 2), i); // (B,T,D)
    }
    T last = ops.lastPosition(ops.concat(kept.get(0), x)); // (B,1,D)
    T h = transformNorm.forward(ops, ops.gelu(transform.forward(ops, last))); // (B,1,D)
    return decoder.forward(ops, h); // (B,1,V)
  }

  private <T> T block(Ops<T> ops, T x, List<T> front, int layer) { // (B,T,D), 2 of (B,F,D)
    QFormerNetwork.Attention self = blocks.get(layer).self();
    T key = front.get(0);
    // What the queries see has been computed already: whatever looks in their place is dropped.
    T q = ops.concat(key, self.query().forward(ops, x)); // (B,F+T,D)
    T k = ops.concat(key, self.key().forward(ops, x)); // (B,F+T,D)
    T v = ops.concat(front.get(1), self.value().forward(ops, x)); // (B,F+T,D)
    T all = ops.cachedAttention(new Ops.Attended<>(q, k, v), self.heads(), layer, null);
    T a = self.output(ops, ops.behind(all, key), x); // (B,T,D)
    return blocks.get(layer).textForward(ops, a); // (B,T,D)
  }
}
