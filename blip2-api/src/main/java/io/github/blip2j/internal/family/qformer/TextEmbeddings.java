package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.TextBounds;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Ops;

/**
 * Vectors of the tokens of a text that a Q-Former reads; the norm behind them is the Q-Former's.
 */
record TextEmbeddings(WeightTensor words, WeightTensor positions) {
  /**
   * Names and shapes.
   *
   * @param width D of the Q-Former
   * @param weights has {@code word_embeddings} and {@code position_embeddings}
   */
  static TextEmbeddings of(TextBounds texts, int width, Weights weights) {
    return new TextEmbeddings(
        weights.tensor("word_embeddings.weight", texts.vocabularySize(), width),
        weights.tensor("position_embeddings.weight", texts.maxPositions(), width));
  }

  /**
   * The sum of a word's and a position's vector.
   *
   * @param ids (B,T) token ids
   * @param positionIds (B,T) position of each token
   * @return (B,T,D)
   */
  <T> T forward(Ops<T> ops, T ids, T positionIds) {
    return forward(ops, ids, positionIds, 0);
  }

  /** The same of positions that do not count from 0: the offset is added to each. */
  <T> T forward(Ops<T> ops, T ids, T positionIds, int offset) {
    return ops.add(
        ops.embedding(ids, words, 0), ops.embedding(positionIds, positions, offset)); // (B,T,D)
  }
}
