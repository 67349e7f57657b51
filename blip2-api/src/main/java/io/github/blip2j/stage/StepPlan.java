package io.github.blip2j.stage;

/**
 * A step over new positions of a session's rows. Rows of unequal length are padded at their end.
 *
 * @param features F, vectors in front of the tokens of each row
 * @param width T, tokens of the longest row
 * @param ids (B,T) padded token ids
 * @param positionIds (B,F+T) position of each vector in its row, from 0
 * @param sequenceLengths (B) length of each row after the step
 * @param logitRows (L) of the vectors that logits are wanted after, the index among all B·(F+T):
 *     each row's last real one, or all of a single row
 * @param total length of the longest row after the step
 * @param uniform whether all rows had one length before and have one after
 */
@SuppressWarnings("ArrayRecordComponent") // lent to one step, not compared
public record StepPlan(
    int features,
    int width,
    long[] ids,
    long[] positionIds,
    int[] sequenceLengths,
    long[] logitRows,
    int total,
    boolean uniform) {
  /**
   * Vectors of one row.
   *
   * @return F+T
   */
  public int span() {
    return features + width;
  }

  /**
   * Number of rows.
   *
   * @return B
   */
  public int rows() {
    return sequenceLengths.length;
  }
}
