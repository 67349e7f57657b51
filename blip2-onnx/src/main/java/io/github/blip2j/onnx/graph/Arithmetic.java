package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

/** Operators on elements; two values are of one type, and their shapes broadcast. */
sealed interface Arithmetic permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  default Tensor add(Tensor other) {
    return combined("Add", other);
  }

  default Tensor sub(Tensor other) {
    return combined("Sub", other);
  }

  default Tensor mul(Tensor other) {
    return combined("Mul", other);
  }

  default Tensor div(Tensor other) {
    return combined("Div", other);
  }

  /** The larger of each two. */
  default Tensor max(Tensor other) {
    return combined("Max", other);
  }

  /** The smaller of each two. */
  default Tensor min(Tensor other) {
    return combined("Min", other);
  }

  /** The sum with a list of integers. */
  default Tensor add(long... numbers) {
    return add(self().graph().integers(numbers));
  }

  /** The difference to a list of integers. */
  default Tensor sub(long... numbers) {
    return sub(self().graph().integers(numbers));
  }

  /** The product with a number. */
  default Tensor mul(float number) {
    return mul(self().graph().real(number));
  }

  private Tensor combined(String op, Tensor other) {
    Operator operator = Operator.of(op, self(), other).alike();
    operator.expect(self().type() != BOOL, "numbers");
    return operator.gives(self().type(), operator.common());
  }

  default Tensor equal(Tensor other) {
    return compared("Equal", other);
  }

  default Tensor less(Tensor other) {
    return compared("Less", other);
  }

  default Tensor lessOrEqual(Tensor other) {
    return compared("LessOrEqual", other);
  }

  default Tensor greater(Tensor other) {
    return compared("Greater", other);
  }

  private Tensor compared(String op, Tensor other) {
    Operator operator = Operator.of(op, self(), other).alike();
    return operator.gives(BOOL, operator.common());
  }

  default Tensor not() {
    return Operator.of("Not", self()).type(0, BOOL).gives(BOOL, self().shape());
  }

  /** Where this is true one value, elsewhere the other. */
  default Tensor where(Tensor yes, Tensor no) {
    Operator operator = Operator.of("Where", self(), yes, no).type(0, BOOL);
    operator.expect(yes.type() == no.type(), "two values of one type");
    return operator.gives(yes.type(), operator.common());
  }

  /** The exponential. */
  default Tensor exp() {
    return Operator.of("Exp", self()).floats().gives(self().type(), self().shape());
  }

  default Tensor relu() {
    return Operator.of("Relu", self()).floats().gives(self().type(), self().shape());
  }

  /** The same value under another name. */
  default Tensor identity() {
    return Operator.of("Identity", self()).gives(self().type(), self().shape());
  }

  /** As numbers of another type. */
  default Tensor cast(ElementType type) {
    return Operator.of("Cast", self()).with("to", type.number()).gives(type, self().shape());
  }

  /** The integers from this one up to a limit, which is left out; all are () int64. */
  default Tensor range(Tensor limit, Tensor step) {
    Operator operator = Operator.of("Range", self(), limit, step).alike().type(0, INT64);
    operator.rank(0, 0).rank(1, 0).rank(2, 0);
    return operator.gives(INT64, Shape.of("?"));
  }

  /**
   * The product of matrices, which the last two axes are; the others broadcast.
   *
   * @param other whose rows are as many as this one's columns
   */
  default Tensor matMul(Tensor other) {
    Operator operator = Operator.of("MatMul", self(), other).floats();
    Shape left = self().shape();
    Shape right = other.shape();
    operator.expect(left.rank() > 1 && right.rank() > 1, "matrices");
    operator.expect(
        left.axis(-1).fits(right.axis(-2)), "as many rows in the second as columns in the first");
    Shape batch =
        operator.expect(
            left.without(-1).without(-1).broadcast(right.without(-1).without(-1)),
            "stacks of matrices that broadcast");
    Shape pair = Shape.of(1, 1).with(0, left.axis(-2)).with(1, right.axis(-1));
    return operator.gives(self().type(), batch.followed(pair));
  }

  /** The quotient by the sum of the exponentials along an axis, of these exponentials. */
  default Tensor softmax(int axis) {
    Operator operator = Operator.of("Softmax", self()).floats().with("axis", axis);
    return operator.gives(self().type(), self().shape());
  }

  /**
   * The sums of the elements so far along an axis.
   *
   * @param exclusive whether an element itself is left out
   */
  default Tensor cumSum(int axis, boolean exclusive) {
    Operator operator =
        Operator.of("CumSum", self(), self().graph().integers(axis))
            .type(0, FLOAT32, ElementType.INT32, INT64);
    if (exclusive) {
      operator.with("exclusive", 1);
    }
    return operator.gives(self().type(), self().shape());
  }
}
