package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.INT64;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Operators that lay elements out anew, cut and join; axes count from 0, or from −1 backwards. */
sealed interface Layout permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  /** The sizes of all axes, a list of int64. */
  default Tensor sizes() {
    Shape shape = self().shape();
    return Operator.of("Shape", self()).gives(INT64, Shape.of(shape.rank())).holding(shape.axes());
  }

  /** The size of an axis, a list of one int64. */
  default Tensor sizeOf(int axis) {
    int place = self().shape().place(axis);
    return Operator.of("Shape", self())
        .with("start", place)
        .with("end", place + 1)
        .gives(INT64, Shape.of(1))
        .holding(List.of(self().shape().axis(place)));
  }

  /**
   * In another shape of as many elements.
   *
   * @param sizes 0 for that of the axis in the same place, −1 for what is left
   */
  default Tensor reshape(long... sizes) {
    return reshape(self().graph().integers(sizes));
  }

  /** The same with sizes that may be known only when the graph runs, a list of int64. */
  default Tensor reshape(Tensor sizes) {
    Operator operator = Operator.of("Reshape", self(), sizes).type(1, INT64).rank(1, 1);
    List<Shape.Axis> wanted = operator.expect(listed(sizes), "as many sizes as are known");
    Shape shape =
        operator.expect(self().shape().reshaped(wanted), "as many elements in sizes %s", wanted);
    Tensor made = operator.gives(self().type(), shape);
    made.graph().describe(made);
    return made;
  }

  /** A list of one element as that element. */
  default Tensor scalar() {
    return reshape();
  }

  /** The integers of a list, as far as they are known; empty if not even how many are. */
  private static Optional<List<Shape.Axis>> listed(Tensor list) {
    boolean counted = list.shape().rank() == 1 && list.shape().axis(0).isFixed();
    if (list.type() != INT64 || list.numbers().isPresent() || !counted) {
      return list.numbers();
    }
    return Optional.of(Collections.nCopies((int) list.size(0), Shape.Axis.UNKNOWN));
  }

  /** With the axes in another order. */
  default Tensor transpose(int... order) {
    Operator operator = Operator.of("Transpose", self()).with("perm", order);
    int rank = self().shape().rank();
    List<Shape.Axis> axes = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    for (int axis : order) {
      operator.expect(axis >= 0 && axis < rank && seen.add(axis), "an order of all %d axes", rank);
      axes.add(self().shape().axis(axis));
    }
    operator.expect(axes.size() == rank, "an order of all %d axes", rank);
    return operator.gives(self().type(), new Shape(axes));
  }

  /** With axes of one element, where they are in what is made, in order. */
  default Tensor unsqueeze(long... axes) {
    Operator operator = Operator.of("Unsqueeze", self(), self().graph().integers(axes));
    List<Shape.Axis> made = new ArrayList<>(self().shape().axes());
    for (long axis : axes) {
      operator.expect(axis >= 0 && axis <= made.size(), "axes not beyond %d", made.size());
      made.add((int) axis, Shape.Axis.fixed(1));
    }
    return operator.gives(self().type(), new Shape(made));
  }

  /**
   * A part of an axis.
   *
   * @param from first index; below 0 from the end
   * @param to index behind the last, as far as there are so many
   */
  default Tensor slice(int axis, long from, long to) {
    OnnxGraph graph = self().graph();
    return slice(axis, graph.integers(from), graph.integers(to));
  }

  /** The same with bounds that may be known only when the graph runs, lists of one int64. */
  default Tensor slice(int axis, Tensor from, Tensor to) {
    Tensor axes = self().graph().integers(axis);
    Operator operator = Operator.of("Slice", self(), from, to, axes);
    operator.type(1, INT64).shape(1, 1).type(2, INT64).shape(2, 1);
    Shape.Axis cut = sliced(self().shape().axis(axis), from.numbers(), to.numbers());
    return operator.gives(self().type(), self().shape().with(axis, cut));
  }

  private static Shape.Axis sliced(
      Shape.Axis axis, Optional<List<Shape.Axis>> from, Optional<List<Shape.Axis>> to) {
    if (!axis.isFixed() || from.isEmpty() || to.isEmpty()) {
      boolean none = from.isPresent() && from.equals(to) && from.get().get(0).isFixed();
      return none ? Shape.Axis.fixed(0) : Shape.Axis.UNKNOWN;
    }
    Shape.Axis first = from.get().get(0);
    Shape.Axis end = to.get().get(0);
    if (!first.isFixed() || !end.isFixed()) {
      return Shape.Axis.UNKNOWN;
    }
    long start =
        Math.min(first.size() < 0 ? first.size() + axis.size() : first.size(), axis.size());
    long stop = Math.min(end.size() < 0 ? end.size() + axis.size() : end.size(), axis.size());
    return Shape.Axis.fixed(Math.max(0, stop - Math.max(0, start)));
  }

  /** With others behind it along an axis; all other sizes agree. */
  default Tensor concat(int axis, Tensor... others) {
    Operator operator = Operator.of("Concat", self()).given(List.of(others)).alike();
    int place = self().shape().place(axis);
    Shape shape = self().shape();
    List<Shape.Axis> known = new ArrayList<>(listed(self()).orElse(List.of()));
    boolean listed = listed(self()).isPresent();
    for (Tensor other : others) {
      operator.expect(
          other.shape().rank() == shape.rank()
              && shape.with(place, other.shape().axis(place)).fits(other.shape()),
          "sizes that agree but for axis %d",
          axis);
      Shape.Axis sum = sum(shape.axis(place), other.shape().axis(place));
      Shape.Axis same = other.shape().axis(place);
      shape = merged(shape.with(place, same), other.shape()).with(place, sum);
      known.addAll(listed(other).orElse(List.of()));
      listed &= listed(other).isPresent();
    }
    Tensor joined = operator.with("axis", axis).gives(self().type(), shape);
    return listed ? joined.holding(known) : joined;
  }

  private static Shape.Axis sum(Shape.Axis a, Shape.Axis b) {
    return a.isFixed() && b.isFixed()
        ? Shape.Axis.fixed(a.size() + b.size())
        : AxisProduct.sum(a, b);
  }

  private static Shape merged(Shape a, Shape b) {
    List<Shape.Axis> axes = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      axes.add(b.axis(i).isFixed() ? b.axis(i) : a.axis(i));
    }
    return new Shape(axes);
  }

  /** Equal parts along an axis. */
  default List<Tensor> split(int axis, int parts) {
    Operator operator = Operator.of("Split", self()).with("axis", axis).with("num_outputs", parts);
    Shape.Axis whole = self().shape().axis(axis);
    operator.expect(
        !whole.isFixed() || whole.size() % parts == 0, "an axis that %d parts divide", parts);
    Shape.Axis part = whole.isFixed() ? Shape.Axis.fixed(whole.size() / parts) : Shape.Axis.UNKNOWN;
    Shape shape = self().shape().with(axis, part);
    return operator.gives(Collections.nCopies(parts, new Operator.Result(self().type(), shape)));
  }

  /** Repeated to a shape that it broadcasts to, a list of int64. */
  default Tensor expand(Tensor sizes) {
    Operator operator = Operator.of("Expand", self(), sizes).type(1, INT64).rank(1, 1);
    List<Shape.Axis> wanted = operator.expect(listed(sizes), "as many sizes as are known");
    Shape shape =
        operator.expect(self().shape().broadcast(new Shape(wanted)), "sizes that it broadcasts to");
    return operator.gives(self().type(), shape);
  }

  /**
   * With zeros in front of and behind axes.
   *
   * @param counts in front of each axis, then behind each
   */
  default Tensor pad(long... counts) {
    Tensor list = self().graph().integers(counts);
    return padded(Operator.of("Pad", self(), list), list);
  }

  /** The same with another value than 0, and counts that may be known only when the graph runs. */
  default Tensor pad(Tensor counts, float value) {
    return padded(Operator.of("Pad", self(), counts, self().graph().real(value)), counts);
  }

  private Tensor padded(Operator operator, Tensor counts) {
    int rank = self().shape().rank();
    operator.type(1, INT64).shape(1, 2 * rank);
    List<Shape.Axis> known = operator.expect(listed(counts), "two counts an axis");
    List<Shape.Axis> axes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      Shape.Axis added = sum(known.get(i), known.get(rank + i));
      Shape.Axis axis = self().shape().axis(i);
      axes.add(added.is(0) ? axis : sum(axis, added));
    }
    return operator.gives(self().type(), new Shape(axes));
  }
}
