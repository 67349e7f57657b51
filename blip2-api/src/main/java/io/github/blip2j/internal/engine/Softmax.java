package io.github.blip2j.internal.engine;

import java.util.Arrays;

/** Scores to probabilities. */
public final class Softmax {
  private Softmax() {}

  public static double[] of(double[] scores) {
    double largest = Arrays.stream(scores).max().orElse(0);
    double[] weights = Arrays.stream(scores).map(s -> Math.exp(s - largest)).toArray();
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }
}
