package io.github.blip2j;

import java.util.Arrays;

/** Scores to probabilities. */
final class Softmax {
  private Softmax() {}

  static double[] of(double[] scores) {
    double largest = Arrays.stream(scores).max().orElse(0);
    double[] weights = Arrays.stream(scores).map(s -> Math.exp(s - largest)).toArray();
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }
}
