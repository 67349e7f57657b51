package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;

/**
 * (x − mean)/√(variance + eps)·w + b over the last axis (Ba et al. 2016).
 *
 * @param weight w, one number for each place of the axis
 * @param bias b, as many
 * @param eps is added to what is divided by
 */
public record LayerNorm(WeightTensor weight, WeightTensor bias, double eps) {
  /**
   * Names and shapes.
   *
   * @param weights has the tensors
   * @param size of the last axis
   * @param eps is added to what is divided by
   * @return the norm, its shapes checked
   */
  public static LayerNorm of(Weights weights, int size, double eps) {
    return new LayerNorm(weights.tensor("weight", size), weights.tensor("bias", size), eps);
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
    return ops.layerNorm(x, weight, bias, eps);
  }
}
