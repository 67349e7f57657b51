package io.github.blip2j.internal.decoding;

/**
 * Changes the scores of the next token. Processors run one after another, in the reference's order.
 */
@FunctionalInterface
interface LogitsProcessor {
  /**
   * Changes scores in place.
   *
   * @param sequence prompt and text so far
   * @param scores one a token: logits, or log-probabilities in a beam search
   */
  void process(Sequence sequence, float[] scores);
}
