package io.github.blip2j.djl;

/** How a linear layer is computed: what its weight is turned into once, and the product itself. */
enum LinearKernel {
  /** Plain {@code torch.linear} over the weight as it lies in the file: runs everywhere. */
  PLAIN("weight", "torch.linear(%s, %s, %s)"),

  /**
   * oneDNN over a weight reordered for this processor: the same sums, less waiting for memory. Not
   * in every build of PyTorch.
   */
  PACKED(
      "ops.mkldnn._reorder_linear_weight(weight)",
      "ops.mkldnn._linear_pointwise(%s, %s, %s, \"none\", annotate(List[Optional[number]], []), \"\")");

  private final String preparation;
  private final String product;

  LinearKernel(String preparation, String product) {
    this.preparation = preparation;
    this.product = product;
  }

  /** The expression that prepares the variable {@code weight}. */
  String preparation() {
    return preparation;
  }

  /** The expression of x·Wᵀ + b. */
  String product(String x, String weight, String bias) {
    return product.formatted(x, weight, bias);
  }
}
