package io.github.blip2j.onnx;

import io.github.blip2j.onnx.graph.Tensor;

/**
 * A value (B, T, D) of the model text as a tensor of a graph: with three axes, or with two (B·T,
 * D), which is what matrix products want.
 *
 * @param batch B, a list of one integer
 * @param length T, or -1 if it is known only when the graph runs
 */
record OnnxValue(Tensor tensor, Tensor batch, int length) {
  static final int ANY = -1;

  /** Whether the first two axes are one. */
  boolean isFlat() {
    return tensor.rank() == 2;
  }

  /** D, which is always known. */
  int width() {
    long width = tensor.size(-1);
    if (width < 0) {
      throw new IllegalStateException("expected a width that is known, found " + tensor);
    }
    return Math.toIntExact(width);
  }

  /** Another tensor of the same batch and length. */
  OnnxValue with(Tensor other) {
    return new OnnxValue(other, batch, length);
  }

  /** Another tensor of the same batch. */
  OnnxValue with(Tensor other, int newLength) {
    return new OnnxValue(other, batch, newLength);
  }
}
