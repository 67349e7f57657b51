package io.github.blip2j.djl;

import java.util.Locale;

/** How a linear layer is computed: what its weight is turned into once, and the product itself. */
enum LinearKernel {
  /** {@code torch.linear} over the weight as it lies in the file: runs everywhere. */
  PLAIN(Keeping.AS_IT_IS, "weight", "torch.linear(%1$s, %2$s, %3$s)"),

  /**
   * oneDNN over a weight reordered for this processor, in private memory: for products of many
   * rows, which are bound by arithmetic.
   */
  PACKED(Keeping.TENSOR, "ops.mkldnn._reorder_linear_weight(weight)", OneDnn.PRODUCT),

  /**
   * oneDNN over the weight as it lies in the file for few rows, which are bound by memory: faster
   * there than over a reordered weight, and nothing is copied. For more, the product with the
   * weight on the left ({@code many}), which MKL computes faster than {@code torch.linear}. The
   * text around it sets the variable {@code few}.
   */
  MAPPED(Keeping.AS_IT_IS, "weight", OneDnn.PRODUCT + " if few else (self).many(%1$s, %2$s, %3$s)"),

  /** Weights and activations in binary16, sums as the device makes them: for CUDA. */
  HALF(
      Keeping.TENSOR,
      "torch.to(weight, " + TorchType.FLOAT16.number() + ")",
      "(self).narrow(%1$s, %2$s, %3$s)"),

  /** Weights and activations in bfloat16. */
  BFLOAT16(
      Keeping.TENSOR,
      "torch.to(weight, " + TorchType.BFLOAT16.number() + ")",
      "(self).narrow(%1$s, %2$s, %3$s)"),

  /** fbgemm: weights in binary16, activations and sums in float32. */
  FBGEMM_FLOAT16(
      Keeping.PACKED_OBJECT,
      "ops.quantized.linear_prepack_fp16(weight, bias)",
      "ops.quantized.linear_dynamic_fp16(%1$s, %2$s)"),

  /** The same over weights rounded to bfloat16, all of whose bits binary16 has. */
  FBGEMM_BFLOAT16(
      Keeping.PACKED_OBJECT,
      "ops.quantized.linear_prepack_fp16(torch.to(torch.to(weight, "
          + TorchType.BFLOAT16.number()
          + "), "
          + TorchType.FLOAT32.number()
          + "), bias)",
      FBGEMM_FLOAT16.product),

  /**
   * fbgemm: weights in eight bits with a scale for each output, activations in eight bits with one
   * for each row. Sums of two products saturate on processors without VNNI.
   */
  FBGEMM_INT8(
      Keeping.PACKED_OBJECT,
      "ops.quantized.linear_prepack((self).eight(weight), bias)",
      "(self).rows(%1$s, %2$s, %3$s, False)"),

  /** The same with activations in seven bits, whose sums fit everywhere. */
  FBGEMM_INT8_REDUCED(
      Keeping.PACKED_OBJECT, FBGEMM_INT8.preparation, "(self).rows(%1$s, %2$s, %3$s, True)");

  /** Rows up to which {@link #MAPPED} is faster with oneDNN. */
  static final int FEW = 8;

  /** What the module keeps of a weight. */
  enum Keeping {
    AS_IT_IS,
    TENSOR,
    PACKED_OBJECT
  }

  private final Keeping keeping;
  private final String preparation;
  private final String product;

  LinearKernel(Keeping keeping, String preparation, String product) {
    this.keeping = keeping;
    this.preparation = preparation;
    this.product = product;
  }

  Keeping keeping() {
    return keeping;
  }

  /** Whether it rounds weights and activations to eight bits, so that folded norms help it. */
  boolean folds() {
    return this == FBGEMM_INT8 || this == FBGEMM_INT8_REDUCED;
  }

  /** The expression that prepares the variable {@code weight}, and {@code bias} if it packs. */
  String preparation() {
    return preparation;
  }

  /** The expression of x·Wᵀ + b; a packed object has its bias in it, and may be told it again. */
  String product(String x, String weight, String bias) {
    return String.format(Locale.ROOT, product, x, weight, bias);
  }

  private static final class OneDnn {
    static final String PRODUCT =
        "ops.mkldnn._linear_pointwise(%1$s, %2$s, %3$s, \"none\","
            + " annotate(List[Optional[number]], []), \"\")";
  }
}
