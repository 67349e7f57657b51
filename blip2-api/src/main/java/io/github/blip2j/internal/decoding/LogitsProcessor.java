package io.github.blip2j.internal.decoding;

/**
 * Changes the scores of the next token. Processors run one after another, in the reference's order.
 */
@FunctionalInterface
interface LogitsProcessor {
  /**
   * Changes one row's scores in place.
   *
   * @param row the text so far
   * @param logits scores of all rows
   * @param offset index of this row's first score
   */
  void process(Row row, float[] logits, int offset);
}
