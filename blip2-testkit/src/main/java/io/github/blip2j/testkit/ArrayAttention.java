package io.github.blip2j.testkit;

import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Ops.Attended;
import org.jspecify.annotations.Nullable;

/**
 * One layer's attention over arrays.
 *
 * @param y receives (B,T,H·d)
 * @param bias (B or 1, T or H·T, S), the heads one behind another
 */
record ArrayAttention(
    Attended<ArrayValue> x, ArrayValue y, Heads heads, @Nullable ArrayValue bias) {

  /**
   * A query, and the row of its keys.
   *
   * @param row of the query
   * @param keyRow of the keys
   * @param t position of the query
   */
  record Pair(int row, int keyRow, int t) {}

  /** All heads of one query over the first keys of a row. */
  void attend(int row, int keyRow, int t, int keys) {
    for (int head = 0; head < heads.count(); head++) {
      attend(new Pair(row, keyRow, t), keys, head);
    }
  }

  private void attend(Pair pair, int keys, int head) {
    int width = x.query().width() / heads.count();
    int from = head * width;
    int shared = head * heads.keyValues() / heads.count() * width - from;
    double[] weights = weights(pair, keys, head);
    for (int d = from; d < from + width; d++) {
      double seen = 0;
      for (int s = 0; s < keys; s++) {
        seen += weights[s] * x.value().at(pair.keyRow(), s, shared + d);
      }
      y.set(pair.row(), pair.t(), d, seen);
    }
  }

  /** How much one query of a head looks at each of the first keys of a row. */
  double[] weights(Pair pair, int keys, int head) {
    int width = x.query().width() / heads.count();
    int from = head * width;
    int shared = head * heads.keyValues() / heads.count() * width - from;
    double[] scores = new double[keys];
    double largest = Double.NEGATIVE_INFINITY;
    for (int s = 0; s < keys; s++) {
      scores[s] = biasAt(pair.row(), head, pair.t(), s);
      for (int d = from; d < from + width; d++) {
        double query = x.query().at(pair.row(), pair.t(), d);
        scores[s] += heads.scale() * query * x.key().at(pair.keyRow(), s, shared + d);
      }
      largest = Math.max(largest, scores[s]);
    }
    double sum = 0;
    for (int s = 0; s < keys; s++) {
      scores[s] = Math.exp(scores[s] - largest);
      sum += scores[s];
    }
    for (int s = 0; s < keys; s++) {
      scores[s] /= sum;
    }
    return scores;
  }

  private double biasAt(int row, int head, int t, int s) {
    if (bias == null) {
      return 0;
    }
    boolean everyHead = bias.length() == x.query().length();
    int at = everyHead ? t : head * x.query().length() + t;
    return bias.at(bias.batch() == 1 ? 0 : row, at, s);
  }
}
