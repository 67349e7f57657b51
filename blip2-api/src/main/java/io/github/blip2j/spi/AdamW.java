package io.github.blip2j.spi;

/**
 * One step of Adam with decoupled weight decay (Loshchilov and Hutter 2019). Source: PyTorch,
 * {@code torch.optim.AdamW}.
 *
 * @param rate learning rate of this step
 * @param beta1 by which the mean of gradients fades
 * @param beta2 by which the mean of their squares fades
 * @param epsilon is added to the root of the second mean
 * @param decay a parameter of two axes or more is multiplied by 1 − rate · decay; norms and biases
 *     are not
 */
public record AdamW(double rate, double beta1, double beta2, double epsilon, double decay) {
  /** Checks the ranges. */
  public AdamW {
    require("rate", rate, rate >= 0, "at least 0");
    require("beta1", beta1, beta1 >= 0 && beta1 < 1, "at least 0 and below 1");
    require("beta2", beta2, beta2 >= 0 && beta2 < 1, "at least 0 and below 1");
    require("epsilon", epsilon, epsilon > 0, "above 0");
    require("decay", decay, decay >= 0, "at least 0");
  }

  private static void require(String name, double value, boolean holds, String rule) {
    if (!holds || !Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " (" + value + ") must be " + rule);
    }
  }
}
