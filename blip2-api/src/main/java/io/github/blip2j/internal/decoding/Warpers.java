package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.GenerationOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Processors that shape the distribution to sample from, as in Transformers' {@code
 * generation/logits_process.py}. Each keeps at least {@code keep} tokens.
 */
final class Warpers {
  private static final float CUT = Float.NEGATIVE_INFINITY;

  private Warpers() {}

  /**
   * Those that the options ask for, in the reference's order.
   *
   * @param keep 1, or in a beam search one more than there are end tokens
   */
  static List<LogitsProcessor> of(GenerationOptions options, int keep) {
    List<LogitsProcessor> chain = new ArrayList<>();
    if (options.temperature() != 1) {
      chain.add(temperature((float) options.temperature()));
    }
    if (options.topK() > 0) {
      chain.add(topK(Math.max(options.topK(), keep)));
    }
    if (options.topP() < 1) {
      chain.add(new TopP(options.topP(), keep));
    }
    if (options.minP() > 0) {
      chain.add(minP(options.minP(), keep));
    }
    if (options.typicalP() < 1) {
      chain.add(typicalP(options.typicalP(), keep));
    }
    return chain;
  }

  /** {@code TemperatureLogitsWarper}. */
  static LogitsProcessor temperature(float temperature) {
    return (sequence, scores) -> {
      for (int i = 0; i < scores.length; i++) {
        scores[i] /= temperature;
      }
    };
  }

  /** {@code TopKLogitsWarper}: tokens as good as the k-th stay. */
  static LogitsProcessor topK(int k) {
    return (sequence, scores) -> {
      if (k < scores.length) {
        cutBelow(scores, scores, Largest.kth(scores, k));
      }
    };
  }

  /** {@code MinPLogitsWarper}. */
  static LogitsProcessor minP(double p, int keep) {
    Softmax softmax = new Softmax();
    return (sequence, scores) -> {
      float[] probabilities = softmax.of(scores).probabilities();
      float best = Largest.of(probabilities);
      float kept = Math.min((float) p * best, Largest.kth(probabilities, keep));
      cutBelow(scores, probabilities, kept);
    };
  }

  /** {@code TypicalLogitsWarper}: tokens whose surprise is nearest to the entropy stay. */
  static LogitsProcessor typicalP(double p, int keep) {
    Softmax softmax = new Softmax();
    return (sequence, scores) -> {
      double all = softmax.of(scores).logSum();
      double[] weights = softmax.weights();
      double entropy = 0;
      for (int i = 0; i < scores.length; i++) {
        if (weights[i] > 0) {
          entropy -= (scores[i] - all) * weights[i] / softmax.sum();
        }
      }
      float[] typical = new float[scores.length]; // the nearer to 0, the more typical
      for (int i = 0; i < scores.length; i++) {
        typical[i] = (float) -Math.abs(all - scores[i] - entropy);
      }
      float last = Largest.holding(typical, weights, p * softmax.sum(), 0, softmax.order());
      cutBelow(scores, typical, Math.min(last, Largest.kth(typical, keep)));
    };
  }

  private static void cutBelow(float[] scores, float[] keys, float least) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] = keys[i] < least ? CUT : scores[i];
    }
  }
}
