package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;

/**
 * What matches images and texts: the Q-Former reads a text alone (image-text contrast) or a text
 * together with an image (image-text matching; Li et al. 2023, §3.2). Source: Transformers, {@code
 * Blip2ForImageTextRetrieval}.
 */
record RetrievalNetwork(
    QFormerNetwork qformer, TextEmbeddings embeddings, Linear textProjection, Linear matchingHead) {

  /** Names and shapes of a checkpoint's text embeddings and heads. */
  static RetrievalNetwork of(RetrievalConfig c, QFormerNetwork qformer, Weights weights) {
    int d = qformer.queryTokens().size(2);
    return new RetrievalNetwork(
        qformer,
        TextEmbeddings.of(c.texts(), d, weights.at("embeddings")),
        Linear.of(weights.at("text_projection"), d, c.projectionSize()),
        Linear.of(weights.at("itm_head"), d, 2));
  }

  /**
   * Reads texts alone.
   *
   * @param ids (B,T) token ids
   * @param positionIds (B,T) position of each token
   * @param mask (B,T) 1 for a token, 0 for padding
   * @return (B,T,D)
   */
  <T> T text(Ops<T> ops, T ids, T positionIds, T mask) {
    T x = qformer.layerNorm().forward(ops, embeddings.forward(ops, ids, positionIds)); // (B,T,D)
    T bias = ops.paddingBias(mask);
    for (QFormerNetwork.Block block : qformer.blocks()) {
      x = block.text(ops, x, bias); // (B,T,D)
    }
    return x;
  }

  /**
   * Texts in the space that they share with images.
   *
   * @param read (B,T,D) from {@link #text}
   * @return (B,T,P) of length 1; a text's own vector is that of its first token
   */
  <T> T textFeatures(Ops<T> ops, T read) {
    return ops.normalize(textProjection.forward(ops, read)); // (B,T,P)
  }

  /**
   * Reads one image together with each of several texts.
   *
   * @param patches (1,N,E)
   * @param ids (B,T) token ids
   * @param positionIds (B,T) position of each token
   * @param mask (B,Q+T) 1 for queries and tokens, 0 for padding
   * @return the queries' vectors (B,Q,D)
   */
  <T> T multimodal(Ops<T> ops, T patches, T ids, T positionIds, T mask) {
    T text = embeddings.forward(ops, ids, positionIds); // (B,T,D)
    return qformer.withText(ops, patches, text, mask); // (B,Q,D)
  }

  /**
   * Whether image and text belong together.
   *
   * @param read (B,Q,D) from {@link #multimodal}
   * @return logits (B,1,2) of no and yes, the mean over the queries
   */
  <T> T matching(Ops<T> ops, T read) {
    return ops.meanPosition(matchingHead.forward(ops, read)); // (B,1,2)
  }
}
