package io.github.blip2j.onnx;

/**
 * A value (B, T, D) of the model text as a name in a graph.
 *
 * @param name the tensor
 * @param cube whether the tensor has three axes (B, T, D); otherwise it has two, (B·T, D), which is
 *     what matrix products want
 * @param batch name of a list of one integer, B
 * @param length T, or -1 if it is known only when the graph runs
 * @param width D
 */
record OnnxValue(String name, boolean cube, String batch, int length, int width) {
  static final int ANY = -1;

  OnnxValue flat(String tensor, int newWidth) {
    return new OnnxValue(tensor, false, batch, length, newWidth);
  }

  OnnxValue cubic(String tensor, int newLength, int newWidth) {
    return new OnnxValue(tensor, true, batch, newLength, newWidth);
  }
}
