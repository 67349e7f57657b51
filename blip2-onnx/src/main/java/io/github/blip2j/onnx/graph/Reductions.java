package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.INT64;

/** Operators that make one element of all along an axis. */
sealed interface Reductions permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  /**
   * The largest along an axis.
   *
   * @param keep whether the axis stays, with one element
   */
  default Tensor reduceMax(int axis, boolean keep) {
    return reduced("ReduceMax", axis, keep);
  }

  /** The smallest along an axis. */
  default Tensor reduceMin(int axis, boolean keep) {
    return reduced("ReduceMin", axis, keep);
  }

  /** The smallest of all, (). */
  default Tensor reduceMin() {
    return Operator.of("ReduceMin", self()).with("keepdims", 0).gives(self().type(), Shape.of());
  }

  /** The sum along an axis. */
  default Tensor reduceSum(int axis, boolean keep) {
    return reduced("ReduceSum", axis, keep);
  }

  /** The mean along an axis. */
  default Tensor reduceMean(int axis, boolean keep) {
    return reduced("ReduceMean", axis, keep);
  }

  private Tensor reduced(String op, int axis, boolean keep) {
    Operator operator = Operator.of(op, self(), self().graph().integers(axis));
    operator.expect(self().type() != ElementType.BOOL, "numbers");
    return operator.with("keepdims", keep ? 1 : 0).gives(self().type(), left(axis, keep));
  }

  /** Where the largest along an axis is, the first of several; int64. */
  default Tensor argMax(int axis, boolean keep) {
    Operator operator = Operator.of("ArgMax", self()).with("axis", axis);
    return operator.with("keepdims", keep ? 1 : 0).gives(INT64, left(axis, keep));
  }

  private Shape left(int axis, boolean keep) {
    Shape shape = self().shape();
    return keep ? shape.with(axis, Shape.Axis.fixed(1)) : shape.without(axis);
  }
}
