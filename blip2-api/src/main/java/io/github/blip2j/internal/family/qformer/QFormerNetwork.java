package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.QFormerConfig;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.LayerNorm;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The querying transformer: learned queries attend to each other and, in every second block, to the
 * image (Li et al. 2023, fig. 2). Post-norm as BERT. Source: Transformers, {@code
 * Blip2QFormerModel}.
 */
record QFormerNetwork(
    WeightTensor queryTokens,
    LayerNorm layerNorm,
    List<Block> blocks,
    @Nullable Projection projection) {

  /**
   * Names and shapes of a checkpoint's Q-Former.
   *
   * @param imageWidth E
   * @param projection what becomes of the query vectors; none where their keys and values are
   *     looked at
   */
  static QFormerNetwork of(
      QFormerConfig c, int imageWidth, Weights weights, @Nullable Projection projection) {
    Weights model = weights.at("qformer");
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      boolean sees = i % c.crossAttentionFrequency() == 0;
      blocks.add(Block.of(c, model.at("encoder.layer." + i), sees ? imageWidth : 0));
    }
    return new QFormerNetwork(
        weights.tensor("query_tokens", 1, c.queries(), c.hiddenSize()),
        LayerNorm.of(
            model.at(c.instruction() == null ? "layernorm" : "embeddings.layernorm"),
            c.hiddenSize(),
            c.layerNormEps()),
        blocks,
        projection);
  }

  /**
   * What becomes of the query vectors.
   *
   * @param linear from D into the language model's space, or into the one that images share with
   *     texts
   * @param normalized whether the results have length 1
   */
  record Projection(Linear linear, boolean normalized) {
    <T> T forward(Ops<T> ops, T queries) { // (B,Q,D)
      T projected = linear.forward(ops, queries); // (B,Q,d)
      return normalized ? ops.normalize(projected) : projected;
    }
  }

  /**
   * What blocks look at.
   *
   * @param patches (B,N,E)
   * @param noted receives how much each query of each head looks at each patch (B,H·Q,N), block by
   *     block; null if nobody asks
   */
  record Seen<T>(T patches, @Nullable List<T> noted) {}

  /** How many blocks look at the image. */
  int looking() {
    return (int) blocks.stream().filter(b -> b.cross() != null).count();
  }

  /**
   * Query vectors of images.
   *
   * @param patches (B,N,E)
   * @return (B,Q,D)
   */
  <T> T forward(Ops<T> ops, T patches) {
    return forward(ops, new Seen<>(patches, null));
  }

  /** The same, noting where queries look. */
  <T> T forward(Ops<T> ops, Seen<T> image) {
    T x = start(ops, image.patches()); // (B,Q,D)
    for (Block block : blocks) {
      x = block.forward(ops, x, image); // (B,Q,D)
    }
    return x;
  }

  /**
   * What the first block is given.
   *
   * @param patches (B,N,E)
   * @return (B,Q,D)
   */
  <T> T start(Ops<T> ops, T patches) {
    return layerNorm.forward(ops, ops.expand(queryTokens, patches)); // (B,Q,D)
  }

  /**
   * Reads one image together with each of several texts.
   *
   * @param patches (1,N,E)
   * @param text (B,T,D) embedded texts
   * @param mask (B,Q+T) 1 for queries and tokens, 0 for padding
   * @return the queries' vectors (B,Q,D)
   */
  <T> T withText(Ops<T> ops, T patches, T text, T mask) {
    return withText(ops, new Seen<>(patches, null), text, mask);
  }

  /** The same, noting where queries look; of several texts (1,H·B·Q,N). */
  <T> T withText(Ops<T> ops, Seen<T> image, T text, T mask) {
    T joined = ops.concat(ops.expand(queryTokens, text), text); // (B,Q+T,D)
    T x = layerNorm.forward(ops, joined); // (B,Q+T,D)
    T bias = ops.paddingBias(mask);
    int queries = queryTokens.size(1);
    for (Block block : blocks) {
      x = block.both(ops, x, queries, image, bias); // (B,Q+T,D)
    }
    return ops.first(x, queries); // (B,Q,D)
  }

  /**
   * Query vectors in the language model's space, or of length 1 in the space shared with texts.
   *
   * @param queries (B,Q,D)
   * @return (B,Q,d)
   */
  <T> T project(Ops<T> ops, T queries) {
    return Objects.requireNonNull(projection, "projection").forward(ops, queries);
  }

  /** Self-attention, cross-attention in some blocks, feed-forward; the norm follows each sum. */
  record Block(
      Attention self,
      @Nullable Attention cross,
      FeedForward feedForward,
      @Nullable FeedForward textFeedForward) {

    static Block of(QFormerConfig c, Weights w, int imageWidth) {
      int d = c.hiddenSize();
      return new Block(
          Attention.of(c, w.at("attention"), d),
          imageWidth == 0 ? null : Attention.of(c, w.at("crossattention"), imageWidth),
          FeedForward.of(c, w.at("intermediate_query"), w.at("output_query")),
          c.textInput() ? FeedForward.of(c, w.at("intermediate"), w.at("output")) : null);
    }

    <T> T forward(Ops<T> ops, T x, Seen<T> image) { // (B,Q,D)
      T a = self.forward(ops, x, x, null); // (B,Q,D)
      if (cross != null) {
        a = cross.look(ops, a, image); // (B,Q,D)
      }
      return feedForward.forward(ops, a); // (B,Q,D)
    }

    <T> T text(Ops<T> ops, T x, T bias) { // (B,T,D)
      return textForward(ops, self.forward(ops, x, x, bias)); // (B,T,D)
    }

    /** Queries and text attend to each other, only the queries to the one image. */
    <T> T both(Ops<T> ops, T x, int count, Seen<T> image, T bias) { // (B,Q+T,D)
      T a = self.forward(ops, x, x, bias); // (B,Q+T,D)
      T queries = ops.first(a, count); // (B,Q,D)
      if (cross != null) { // all queries as one row: the image's keys are computed once
        T row = cross.look(ops, ops.fold(queries), image); // (1,B·Q,D)
        queries = ops.unfold(row, queries); // (B,Q,D)
      }
      T text = textForward(ops, ops.rest(a, count)); // (B,T,D)
      return ops.concat(feedForward.forward(ops, queries), text); // (B,Q+T,D)
    }

    <T> T textForward(Ops<T> ops, T x) {
      return Objects.requireNonNull(textFeedForward, "text input").forward(ops, x);
    }
  }

  /** BERT's feed-forward sub-layer with its residual and norm. */
  record FeedForward(Linear up, Linear down, LayerNorm norm) {
    static FeedForward of(QFormerConfig c, Weights intermediate, Weights output) {
      int d = c.hiddenSize();
      return new FeedForward(
          Linear.of(intermediate.at("dense"), d, c.intermediateSize()),
          Linear.of(output.at("dense"), c.intermediateSize(), d),
          LayerNorm.of(output.at("LayerNorm"), d, c.layerNormEps()));
    }

    <T> T forward(Ops<T> ops, T x) { // (B,T,D)
      T inner = ops.gelu(up.forward(ops, x)); // (B,T,intermediate)
      return norm.forward(ops, ops.add(down.forward(ops, inner), x)); // (B,T,D)
    }
  }

  /** Multi-head attention with its output projection, residual and norm, as one BERT sub-layer. */
  record Attention(
      Heads heads, Linear query, Linear key, Linear value, Linear dense, LayerNorm norm) {

    static Attention of(QFormerConfig c, Weights w, int keyWidth) {
      int d = c.hiddenSize();
      Weights a = w.at("attention");
      Weights output = w.at("output");
      return new Attention(
          Heads.of(c.heads(), Math.pow((double) d / c.heads(), -0.5)),
          Linear.of(a.at("query"), d, d),
          Linear.of(a.at("key"), keyWidth, d),
          Linear.of(a.at("value"), keyWidth, d),
          Linear.of(output.at("dense"), d, d),
          LayerNorm.of(output.at("LayerNorm"), d, c.layerNormEps()));
    }

    <T> T forward(Ops<T> ops, T x, T keys, @Nullable T bias) { // (B,Q,D), (B,S,·)
      return finish(ops, x, attended(ops, x, keys), bias); // (B,Q,D)
    }

    /** Attention to an image; notes where the queries look, if somebody asks. */
    <T> T look(Ops<T> ops, T x, Seen<T> image) { // (B,Q,D), (B,N,E)
      Ops.Attended<T> attended = attended(ops, x, image.patches());
      if (image.noted() != null) {
        image
            .noted()
            .add(ops.attentionWeights(attended.query(), attended.key(), heads)); // (B,H·Q,N)
      }
      return finish(ops, x, attended, null); // (B,Q,D)
    }

    private <T> Ops.Attended<T> attended(Ops<T> ops, T x, T keys) { // (B,Q,D), (B,S,·)
      T q = query.forward(ops, x); // (B,Q,D)
      T k = key.forward(ops, keys); // (B,S,D)
      T v = value.forward(ops, keys); // (B,S,D)
      return new Ops.Attended<>(q, k, v);
    }

    private <T> T finish(Ops<T> ops, T x, Ops.Attended<T> attended, @Nullable T bias) {
      return output(ops, ops.attention(attended, heads, bias), x); // (B,Q,D)
    }

    /** What follows the softmax: projection, residual and norm. */
    <T> T output(Ops<T> ops, T seen, T x) { // (B,Q,D), (B,Q,D)
      return norm.forward(ops, ops.add(dense.forward(ops, seen), x)); // (B,Q,D)
    }
  }
}
