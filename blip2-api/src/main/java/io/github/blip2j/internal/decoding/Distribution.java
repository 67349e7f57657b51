package io.github.blip2j.internal.decoding;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.TokenProbability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The model's own distribution of the next token: softmax of its logits. */
final class Distribution {
  private final float[] logits;
  private final double all;

  /**
   * Sums the logits up; they are not kept beyond the first questions.
   *
   * @param softmax to compute with; may be used for something else afterwards
   * @throws InferenceException if one is no number
   */
  Distribution(float[] logits, Softmax softmax) {
    this.logits = logits;
    this.all = softmax.of(logits).logSum();
    if (!Double.isFinite(all)) {
      throw notFinite(logits);
    }
  }

  private static InferenceException notFinite(float[] logits) {
    for (int i = 0; i < logits.length; i++) {
      if (!(logits[i] < Float.POSITIVE_INFINITY)) {
        return new InferenceException(
            "language model: expected a number as logit of token " + i + ", found " + logits[i]);
      }
    }
    return new InferenceException("language model: expected a finite logit, found none");
  }

  /** log-probability of a logit. */
  double logProbability(float logit) {
    return logit - all;
  }

  /** The most likely tokens, best first; must be asked before the logits are changed. */
  List<TokenProbability> likely(int count) {
    if (count == 0) {
      return List.of();
    }
    PriorityQueue<TokenProbability> best =
        new PriorityQueue<>(Comparator.comparingDouble(TokenProbability::logProbability));
    for (int i = 0; i < logits.length; i++) {
      double p = logProbability(logits[i]);
      TokenProbability worst = best.peek();
      if (best.size() < count || worst == null || p > worst.logProbability()) {
        best.add(new TokenProbability(i, p));
        if (best.size() > count) {
          best.remove();
        }
      }
    }
    List<TokenProbability> sorted = new ArrayList<>(best);
    sorted.sort(Comparator.comparingDouble(TokenProbability::logProbability).reversed());
    return List.copyOf(sorted);
  }

  /** Index of the largest score, the first of equals. */
  static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }
}
