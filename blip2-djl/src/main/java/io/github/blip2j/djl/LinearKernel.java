package io.github.blip2j.djl;

/** How a linear layer is computed: what its weight is turned into once, and the product itself. */
enum LinearKernel {
  /** {@code torch.linear} over the weight as it lies in the file: runs everywhere. */
  PLAIN("", "torch.linear(%1$s, %2$s, %3$s)"),

  /**
   * oneDNN over a weight reordered for this processor, in private memory: for products of many
   * rows, which are bound by arithmetic.
   */
  PACKED("ops.mkldnn._reorder_linear_weight(weight)", OneDnn.PRODUCT),

  /**
   * oneDNN over the weight as it lies in the file for few rows, which are bound by memory: faster
   * there than over a reordered weight, and nothing is copied. For more, the product with the
   * weight on the left ({@code many}), which MKL computes faster than {@code torch.linear}. The
   * text around it sets the variable {@code few}.
   */
  MAPPED("", OneDnn.PRODUCT + " if few else (self).many(%1$s, %2$s, %3$s)");

  /** Rows up to which {@link #MAPPED} is faster with oneDNN. */
  static final int FEW = 8;

  private final String preparation;
  private final String product;

  LinearKernel(String preparation, String product) {
    this.preparation = preparation;
    this.product = product;
  }

  /** Whether weights are turned into something else. */
  boolean prepares() {
    return !preparation.isEmpty();
  }

  /** The expression that prepares the variable {@code weight}. */
  String preparation() {
    return prepares() ? preparation : "weight";
  }

  /** The expression of x·Wᵀ + b. */
  String product(String x, String weight, String bias) {
    return product.formatted(x, weight, bias);
  }

  private static final class OneDnn {
    static final String PRODUCT =
        "ops.mkldnn._linear_pointwise(%1$s, %2$s, %3$s, \"none\","
            + " annotate(List[Optional[number]], []), \"\")";
  }
}
