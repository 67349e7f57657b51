package io.github.blip2j.image;

import java.util.Locale;

/**
 * Where the Q-Former looked in an image: the weights of its cross-attention, from each query vector
 * to each patch (Li et al. 2023, §3.1, fig. 2). Each is at least 0, and those of one query of one
 * head in one block sum to 1. Immutable; safe for many threads; nothing to close.
 *
 * <p>Patches are those of the image as the vision encoder was given it: published checkpoints
 * squeeze the whole image into a square, so the grid covers all of it, row by row from the top left
 * corner. Beside the patches every query may look at the encoder's class vector, which has no
 * place: a map leaves it out, and sums to at most 1.
 *
 * <p>Source: Transformers, {@code output_attentions} of {@code Blip2QFormerModel}.
 */
public final class ImageAttention {
  private final Size size;
  private final float[] weights; // (L,H,Q,N)

  /**
   * How many weights there are.
   *
   * @param layers L, blocks that look at the image, the first of them 0
   * @param heads H of each
   * @param queries Q, query vectors
   * @param side patches in a row of the grid, and in a column; N = side² + 1
   */
  public record Size(int layers, int heads, int queries, int side) {
    /**
     * What a query can look at.
     *
     * @return N, patches and the class vector
     */
    public int patches() {
      return side * side + 1;
    }

    private int weights() {
      return layers * heads * queries * patches();
    }
  }

  /**
   * Takes over weights.
   *
   * @param size of them
   * @param weights (L, H, Q, N) float32, class vector first
   * @throws IllegalArgumentException if there are more or fewer
   */
  public ImageAttention(Size size, float[] weights) {
    if (weights.length != size.weights()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "weights: expected %d of %s, found %d",
              size.weights(),
              size,
              weights.length));
    }
    this.size = size;
    this.weights = weights.clone();
  }

  /**
   * How many weights there are.
   *
   * @return blocks, heads, queries and patches
   */
  public Size size() {
    return size;
  }

  /**
   * All weights.
   *
   * @return (L, H, Q, N) float32, class vector first; a copy
   */
  public float[] weights() {
    return weights.clone();
  }

  /**
   * Where the Q-Former looked altogether.
   *
   * @return (side, side) float32, the mean over blocks, heads and queries
   */
  public float[][] map() {
    return mean(new Part(0, size.layers, 0, size.queries));
  }

  /**
   * Where one block looked.
   *
   * @param layer from 0 to L − 1
   * @return (side, side) float32, the mean over heads and queries
   * @throws IndexOutOfBoundsException if there is no such block
   */
  public float[][] mapOfLayer(int layer) {
    require("layer", layer, size.layers);
    return mean(new Part(layer, layer + 1, 0, size.queries));
  }

  /**
   * Where one query looked.
   *
   * @param query from 0 to Q − 1
   * @return (side, side) float32, the mean over blocks and heads
   * @throws IndexOutOfBoundsException if there is no such query
   */
  public float[][] mapOfQuery(int query) {
    require("query", query, size.queries);
    return mean(new Part(0, size.layers, query, query + 1));
  }

  private static void require(String what, int index, int count) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(
          String.format(Locale.ROOT, "%s: expected 0 to %d, found %d", what, count - 1, index));
    }
  }

  /** Blocks and queries of which the mean is taken, from the first to before the second. */
  private record Part(int layer, int layerEnd, int query, int queryEnd) {}

  private float[][] mean(Part part) {
    double[] sums = new double[size.patches()];
    int rows = 0;
    for (int layer = part.layer; layer < part.layerEnd; layer++) {
      for (int head = 0; head < size.heads; head++) {
        for (int query = part.query; query < part.queryEnd; query++, rows++) {
          int from = ((layer * size.heads + head) * size.queries + query) * size.patches();
          for (int patch = 0; patch < sums.length; patch++) {
            sums[patch] += weights[from + patch];
          }
        }
      }
    }
    float[][] grid = new float[size.side][size.side];
    for (int patch = 1; patch < sums.length; patch++) {
      grid[(patch - 1) / size.side][(patch - 1) % size.side] = (float) (sums[patch] / rows);
    }
    return grid;
  }

  /**
   * The sizes; no values.
   *
   * @return such as {@code ImageAttention[6 layers, 12 heads, 32 queries, 16 × 16 patches]}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ImageAttention[%d layers, %d heads, %d queries, %d × %d patches]",
        size.layers,
        size.heads,
        size.queries,
        size.side,
        size.side);
  }
}
