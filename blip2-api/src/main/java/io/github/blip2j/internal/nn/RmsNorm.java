package io.github.blip2j.internal.nn;

import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.checkpoint.Weights;

/** x/√(mean(x²) + eps)·w over the last axis: T5's norm, without mean and bias. */
record RmsNorm(WeightTensor weight, double eps) {
  static RmsNorm of(Weights weights, int size, double eps) {
    return new RmsNorm(weights.tensor("weight", size), eps);
  }

  <T> T forward(Ops<T> ops, T x) { // (B,T,D)
    return ops.rmsNorm(x, weight, eps); // (B,T,D)
  }
}
