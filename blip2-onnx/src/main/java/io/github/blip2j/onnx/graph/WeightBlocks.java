package io.github.blip2j.onnx.graph;

/**
 * How a weight (out,in) of few bits is laid out.
 *
 * @param columns of the weight, in
 * @param bits four or eight
 * @param size weights that share a scale
 */
public record WeightBlocks(int columns, int bits, int size) {
  /** MatMulNBits rounds activations to 8 bits, block by block: four times as fast as float32. */
  static final int INT8_ACTIVATIONS = 4;
}
