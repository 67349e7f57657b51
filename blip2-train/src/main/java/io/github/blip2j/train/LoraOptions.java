package io.github.blip2j.train;

import java.util.List;

/**
 * Which linear layers of a language model get a change of low rank (Hu et al. 2021), and how large
 * it is.
 *
 * @param rank r, at least 1
 * @param alpha the change is multiplied by α/r
 * @param layers last words of the layers' names; those that a model does not have are passed over
 */
public record LoraOptions(int rank, double alpha, List<String> layers) {
  /** Queries, keys, values and outputs of attention, as OPT, LLaMA, T5 and BLOOM call them. */
  private static final List<String> ATTENTION =
      List.of(
          "q_proj",
          "k_proj",
          "v_proj",
          "out_proj",
          "o_proj",
          "q",
          "k",
          "v",
          "o",
          "query_key_value",
          "dense");

  /** Checks the numbers and copies the list. */
  public LoraOptions {
    if (rank < 1) {
      throw new IllegalArgumentException("rank (" + rank + ") must be at least 1");
    }
    if (!(alpha > 0) || !Double.isFinite(alpha)) {
      throw new IllegalArgumentException("alpha (" + alpha + ") must be above 0");
    }
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers must name at least one, found none");
    }
  }

  /**
   * Of rank 16 and α 32, beside queries, keys, values and outputs of attention.
   *
   * @return what most published adapters of BLIP-2 have
   */
  public static LoraOptions defaults() {
    return new LoraOptions(16, 32, ATTENTION);
  }

  /**
   * The same with another rank.
   *
   * @param r at least 1
   * @return a copy
   */
  public LoraOptions withRank(int r) {
    return new LoraOptions(r, alpha, layers);
  }

  /**
   * The same with another α.
   *
   * @param a above 0
   * @return a copy
   */
  public LoraOptions withAlpha(double a) {
    return new LoraOptions(rank, a, layers);
  }

  /**
   * The same beside other layers.
   *
   * @param names last words of their names, such as {@code q_proj}
   * @return a copy
   */
  public LoraOptions withLayers(List<String> names) {
    return new LoraOptions(rank, alpha, names);
  }
}
