package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import java.util.List;

/** Operators that choose elements. */
sealed interface Selection permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  /**
   * Parts along an axis, whose numbers are int64 of any shape; the shape takes that axis' place.
   */
  default Tensor gather(Tensor indices, int axis) {
    Operator operator = Operator.of("Gather", self(), indices).type(1, INT64).with("axis", axis);
    return operator.gives(self().type(), self().shape().replaced(axis, indices.shape()));
  }

  /** For each index the element in its place along an axis; gives the shape of the indices. */
  default Tensor gatherElements(Tensor indices, int axis) {
    Operator operator = Operator.of("GatherElements", self(), indices).type(1, INT64);
    operator.rank(1, self().shape().rank());
    return operator.with("axis", axis).gives(self().type(), indices.shape());
  }

  /** The largest along the last axis, sorted, and where they were, int64. */
  record Largest(Tensor values, Tensor indices) {}

  /**
   * The largest along the last axis, sorted.
   *
   * @param count how many, a list of one int64
   */
  default Largest topK(Tensor count) {
    Operator operator = Operator.of("TopK", self(), count).type(1, INT64).shape(1, 1);
    Shape.Axis most = count.numbers().map(n -> n.get(0)).orElse(Shape.Axis.UNKNOWN);
    operator.expect(
        !most.isFixed() || !self().shape().axis(-1).isFixed() || most.size() <= self().size(-1),
        "at most as many as there are, not %s",
        most);
    Shape shape = self().shape().with(-1, most);
    List<Tensor> both =
        operator.gives(
            List.of(new Operator.Result(self().type(), shape), new Operator.Result(INT64, shape)));
    return new Largest(both.get(0), both.get(1));
  }

  /**
   * What one of two graphs gives: the first where this is true, () bool.
   *
   * @param then of one output
   * @param otherwise of one output of the same type
   */
  default Tensor choose(OnnxGraph then, OnnxGraph otherwise) {
    Operator operator = Operator.of("If", self()).type(0, BOOL).rank(0, 0);
    operator.expect(
        then.outputs().size() == 1 && otherwise.outputs().size() == 1,
        "branches of one output, not %s and %s",
        then.outputs(),
        otherwise.outputs());
    Tensor one = then.outputs().get(0);
    Tensor other = otherwise.outputs().get(0);
    operator.expect(
        one.type() == other.type() && one.shape().fits(other.shape()),
        "branches that give the same, not %s and %s",
        one,
        other);
    operator.with("then_branch", then).with("else_branch", otherwise);
    return operator.gives(one.type(), one.shape());
  }
}
