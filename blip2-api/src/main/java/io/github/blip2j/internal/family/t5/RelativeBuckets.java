package io.github.blip2j.internal.family.t5;

import io.github.blip2j.stage.StepPlan;
import java.util.stream.IntStream;

/**
 * T5's relative positions as numbers of buckets: near ones have one each, farther ones share, on a
 * logarithmic scale (Transformers, {@code T5Attention._relative_position_bucket}). Keys that are
 * not to be seen have −1.
 */
final class RelativeBuckets {
  private static final int HIDDEN = -1;

  private final int buckets;
  private final int maxDistance;

  RelativeBuckets(T5Config config) {
    this.buckets = config.buckets();
    this.maxDistance = config.maxDistance();
  }

  /**
   * Of an encoder's rows, which see in both directions.
   *
   * @param lengths of the rows (B)
   * @param span S, length of all rows with their padding
   * @return (B,S,S)
   */
  long[] encoder(int[] lengths, int span) {
    long[] numbers = new long[lengths.length * span * span];
    for (int row = 0, at = 0; row < lengths.length; row++) {
      for (int query = 0; query < span; query++) {
        for (int key = 0; key < span; key++) {
          numbers[at++] = key < lengths[row] ? bothWays(key - query) : HIDDEN;
        }
      }
    }
    return numbers;
  }

  /**
   * Of a decoder's step, which sees what is there already.
   *
   * @return (B,T,S), S the length of the longest row after the step
   */
  long[] decoder(StepPlan step) {
    long[] numbers = new long[step.positionIds().length * step.total()];
    int at = 0;
    for (long position : step.positionIds()) {
      for (int key = 0; key < step.total(); key++) {
        numbers[at++] = key <= position ? number((int) position - key, buckets) : HIDDEN;
      }
    }
    return numbers;
  }

  /**
   * Of a decoder's distances.
   *
   * @param count how many, from 0
   * @return (count)
   */
  long[] distances(int count) {
    return IntStream.range(0, count).mapToLong(d -> number(d, buckets)).toArray();
  }

  /** Half of the buckets are for keys behind the query. */
  int bothWays(int relative) {
    int half = buckets / 2;
    return (relative > 0 ? half : 0) + number(Math.abs(relative), half);
  }

  /** In float, operation by operation, as the reference: the bounds fall where its do. */
  int number(int distance, int count) {
    int exact = count / 2;
    if (distance < exact) {
      return distance;
    }
    float scaled = (float) Math.log((float) distance / exact);
    scaled /= (float) Math.log((double) maxDistance / exact);
    scaled *= count - exact;
    return Math.min(exact + (int) scaled, count - 1);
  }
}
