package io.github.blip2j.internal.nn;

import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.checkpoint.Weights;
import org.jspecify.annotations.Nullable;

/** x·Wᵀ + b, from {@code in} to {@code out} features. */
public record Linear(WeightTensor weight, @Nullable WeightTensor bias) {
  static Linear of(Weights weights, int in, int out) {
    return new Linear(weights.tensor("weight", out, in), weights.tensor("bias", out));
  }

  static Linear withoutBias(Weights weights, int in, int out) {
    return new Linear(weights.tensor("weight", out, in), null);
  }

  <T> T forward(Ops<T> ops, T x) { // (B,T,in)
    return ops.linear(x, weight, bias); // (B,T,out)
  }
}
