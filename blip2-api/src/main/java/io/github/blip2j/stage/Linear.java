package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import org.jspecify.annotations.Nullable;

/**
 * x·Wᵀ + b, from {@code in} to {@code out} features.
 *
 * @param weight (out, in)
 * @param bias (out), or none
 * @param inFloat32 whether it is computed in float32 whatever the precision
 */
public record Linear(WeightTensor weight, @Nullable WeightTensor bias, boolean inFloat32) {
  /**
   * In any precision.
   *
   * @param weight (out, in)
   * @param bias (out), or none
   */
  public Linear(WeightTensor weight, @Nullable WeightTensor bias) {
    this(weight, bias, false);
  }

  /**
   * A layer with a bias.
   *
   * @param weights has {@code weight} and {@code bias}
   * @param in features of the input
   * @param out features of the result
   * @return the layer, its shapes checked
   */
  public static Linear of(Weights weights, int in, int out) {
    return new Linear(weights.tensor("weight", out, in), weights.tensor("bias", out));
  }

  /**
   * A layer without a bias.
   *
   * @param weights has {@code weight}
   * @param in features of the input
   * @param out features of the result
   * @return the layer, its shape checked
   */
  public static Linear withoutBias(Weights weights, int in, int out) {
    return new Linear(weights.tensor("weight", out, in), null);
  }

  /**
   * The same, computed in float32 whatever the precision.
   *
   * @return the layer over the same weights
   */
  public Linear keptInFloat32() {
    return new Linear(weight, bias, true);
  }

  /**
   * Applies it.
   *
   * @param ops the interpreter
   * @param x (B,T,in)
   * @param <T> what the interpreter makes of a value
   * @return (B,T,out)
   */
  public <T> T forward(Ops<T> ops, T x) {
    return inFloat32 ? ops.linearInFloat32(x, weight, bias) : ops.linear(x, weight, bias);
  }
}
