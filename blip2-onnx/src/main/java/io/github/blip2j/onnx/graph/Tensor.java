package io.github.blip2j.onnx.graph;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value of a graph that is being built, whose methods are operators. Each adds a node to the
 * innermost of its values' graphs and gives what the node gives. An operator throws {@link
 * IllegalArgumentException} for element types and sizes that it cannot be given, and says what was
 * expected and found; sizes that are known only when the graph runs are not checked.
 */
public final class Tensor
    implements Arithmetic, Layout, Reductions, Selection, Layers, DecoderOperators, Fused {
  private final OnnxGraph graph;
  private final Value value;
  private final ElementType type;
  private final Shape shape;
  private final @Nullable List<Shape.Axis> numbers;

  Tensor(OnnxGraph graph, Value value, ElementType type, Shape shape) {
    this(graph, value, type, shape, null);
  }

  /**
   * A tensor.
   *
   * @param numbers the elements of a list of integers, where they are known or are sizes of axes
   */
  Tensor(
      OnnxGraph graph,
      Value value,
      ElementType type,
      Shape shape,
      @Nullable List<Shape.Axis> numbers) {
    this.graph = graph;
    this.value = value;
    this.type = type;
    this.shape = shape;
    this.numbers = numbers;
  }

  /** Its element type. */
  public ElementType type() {
    return type;
  }

  /** How many axes it has. */
  public int rank() {
    return shape.rank();
  }

  /** Its axes. */
  Shape shape() {
    return shape;
  }

  /** {@link Shape#size}. */
  public long size(int axis) {
    return shape.size(axis);
  }

  /** The graph that sees it here. */
  OnnxGraph graph() {
    return graph;
  }

  Value value() {
    return value;
  }

  Optional<List<Shape.Axis>> numbers() {
    return Optional.ofNullable(numbers);
  }

  Tensor holding(List<Shape.Axis> known) {
    return new Tensor(graph, value, type, shape, known);
  }

  /** The same for nodes of another graph. */
  Tensor in(OnnxGraph other) {
    return new Tensor(other, value, type, shape, numbers);
  }

  /** The same with what is declared of its axes. */
  Tensor as(Shape declared) {
    return new Tensor(graph, value, type, declared, numbers);
  }

  /**
   * Gives it a name in its graph, by which {@link OnnxGraph#value} finds it.
   *
   * @throws IllegalStateException if it has one
   */
  public Tensor named(String name) {
    value.name(graph.reserved(name));
    graph.declare(name, this);
    return this;
  }

  /** Of one value, whatever graph sees it. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor tensor && tensor.value == value;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(value);
  }

  @Override
  public String toString() {
    return value + " " + type + shape;
  }
}
