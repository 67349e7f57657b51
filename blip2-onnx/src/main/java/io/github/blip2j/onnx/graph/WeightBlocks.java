package io.github.blip2j.onnx.graph;

/**
 * How a weight (out,in) of few bits is laid out.
 *
 * @param columns of the weight, in
 * @param bits four or eight
 * @param size weights that share a scale
 * @param roundsActivations to 8 bits, block by block: of few rows four times as fast as without,
 *     where the weight is widened for each product
 */
public record WeightBlocks(int columns, int bits, int size, boolean roundsActivations) {
  private static final int FLOAT32_ACTIVATIONS = 1; // numbers of ONNX Runtime
  private static final int INT8_ACTIVATIONS = 4;

  int accuracyLevel() {
    return roundsActivations ? INT8_ACTIVATIONS : FLOAT32_ACTIVATIONS;
  }
}
