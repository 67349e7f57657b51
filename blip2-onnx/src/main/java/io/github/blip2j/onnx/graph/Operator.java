package io.github.blip2j.onnx.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A node that is being made: its inputs, the checks of them, and then what it gives. */
final class Operator {
  static final String MICROSOFT = "com.microsoft";

  private final String domain;
  private final String name;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Value> inputs = new ArrayList<>();
  private final Attributes attributes = new Attributes();

  private Operator(String domain, String name, Tensor... given) {
    this.domain = domain;
    this.name = name;
    for (Tensor tensor : given) {
      given(tensor);
    }
  }

  /** One of the standard set. */
  static Operator of(String name, Tensor... inputs) {
    return new Operator("", name, inputs);
  }

  /** One of ONNX Runtime's own. */
  static Operator microsoft(String name, Tensor... inputs) {
    return new Operator(MICROSOFT, name, inputs);
  }

  Operator given(Tensor tensor) {
    tensors.add(tensor);
    inputs.add(tensor.value());
    return this;
  }

  Operator given(List<Tensor> tensors) {
    tensors.forEach(this::given);
    return this;
  }

  /** An input, or none in its place. */
  Operator optional(@Nullable Tensor tensor) {
    return tensor == null ? absent(1) : given(tensor);
  }

  /** Inputs that it is not given. */
  Operator absent(int count) {
    for (int i = 0; i < count; i++) {
      inputs.add(Value.ABSENT);
    }
    return this;
  }

  Operator with(String attribute, long value) {
    attributes.put(attribute, value);
    return this;
  }

  Operator with(String attribute, double value) {
    attributes.put(attribute, value);
    return this;
  }

  Operator with(String attribute, int[] values) {
    attributes.put(attribute, values);
    return this;
  }

  Operator with(String attribute, OnnxGraph body) {
    attributes.put(attribute, body);
    return this;
  }

  /**
   * Refuses the inputs unless something holds.
   *
   * @param what it is, a format of the values
   */
  Operator expect(boolean holds, String what, Object... values) {
    if (!holds) {
      throw refused(what, values);
    }
    return this;
  }

  private IllegalArgumentException refused(String what, Object... values) {
    String where = tensors.isEmpty() ? "" : tensors.get(0).graph().name() + ": ";
    String found = tensors.stream().map(Tensor::toString).collect(Collectors.joining(", "));
    String expected = String.format(Locale.ROOT, what, values);
    return new IllegalArgumentException(
        where + name + ": expected " + expected + ", found " + found);
  }

  /** What must be there, or else the inputs are refused. */
  <T> T expect(Optional<T> result, String what, Object... values) {
    expect(result.isPresent(), what, values);
    return result.get();
  }

  /** All inputs so far have one type. */
  Operator alike() {
    boolean one = true;
    for (Tensor tensor : tensors) {
      one &= tensor.type() == tensors.get(0).type();
    }
    return expect(one, "values of one type");
  }

  /** All inputs so far have one type, float32 or float16. */
  Operator floats() {
    return alike().expect(tensors.get(0).type().isFloat(), "FLOAT32 or FLOAT16");
  }

  /** An input has one of some types. */
  Operator type(int input, ElementType... allowed) {
    List<ElementType> types = Arrays.asList(allowed);
    boolean one = types.contains(tensors.get(input).type());
    return expect(one, "input %d of %s", input + 1, allowed.length == 1 ? allowed[0] : types);
  }

  Operator rank(int input, int rank) {
    boolean so = tensors.get(input).shape().rank() == rank;
    return expect(so, "input %d of %d axes", input + 1, rank);
  }

  /** An input has a shape. */
  Operator shape(int input, Object... axes) {
    Shape shape = Shape.of(axes);
    boolean so = tensors.get(input).shape().fits(shape);
    return expect(so, "input %d of shape %s", input + 1, shape);
  }

  /** The shape of what is made of all inputs, element by element. */
  Shape common() {
    Shape common = tensors.get(0).shape();
    for (Tensor tensor : tensors) {
      common = expect(common.broadcast(tensor.shape()), "shapes that broadcast");
    }
    return common;
  }

  /** Adds the node to the innermost of its inputs' graphs. */
  Tensor gives(ElementType type, Shape shape) {
    return gives(List.of(new Result(type, shape))).get(0);
  }

  /** The type and shape of an output. */
  record Result(ElementType type, Shape shape) {
    static Result like(Tensor tensor) {
      return new Result(tensor.type(), tensor.shape());
    }
  }

  /** The same with several outputs. */
  List<Tensor> gives(List<Result> results) {
    OnnxGraph graph = tensors.get(0).graph();
    for (Tensor tensor : tensors) {
      graph = tensor.graph().sees(graph) ? tensor.graph() : graph;
    }
    for (Tensor tensor : tensors) {
      expect(graph.sees(tensor.graph()), "values that one graph sees");
    }
    List<Tensor> outputs = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    for (Result result : results) {
      Value value = graph.made(Value.of(name));
      values.add(value);
      outputs.add(new Tensor(graph, value, result.type(), result.shape()));
    }
    graph.add(new ModelWriter.Node(domain, name, inputs, values, attributes));
    return outputs;
  }
}
