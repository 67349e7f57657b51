package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;

/**
 * x/√(mean(x²) + eps)·w over the last axis: T5's norm, without mean and bias.
 *
 * @param weight w, one number for each place of the axis
 * @param eps is added to what is divided by
 */
public record RmsNorm(WeightTensor weight, double eps) {
  /**
   * Names and shapes.
   *
   * @param weights has the tensors
   * @param size of the last axis
   * @param eps is added to what is divided by
   * @return the norm, its shapes checked
   */
  public static RmsNorm of(Weights weights, int size, double eps) {
    return new RmsNorm(weights.tensor("weight", size), eps);
  }

  /**
   * Applies it.
   *
   * @param ops the interpreter
   * @param x (B,T,D)
   * @param <T> what the interpreter makes of a value
   * @return (B,T,D)
   */
  public <T> T forward(Ops<T> ops, T x) {
    return ops.rmsNorm(x, weight, eps);
  }
}
