package io.github.blip2j.internal.nn;

import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.checkpoint.Weights;

/** (x − mean)/√(variance + eps)·w + b over the last axis (Ba et al. 2016). */
record LayerNorm(WeightTensor weight, WeightTensor bias, double eps) {
  static LayerNorm of(Weights weights, int size, double eps) {
    return new LayerNorm(weights.tensor("weight", size), weights.tensor("bias", size), eps);
  }

  <T> T forward(Ops<T> ops, T x) { // (B,T,D)
    return ops.layerNorm(x, weight, bias, eps); // (B,T,D)
  }
}
