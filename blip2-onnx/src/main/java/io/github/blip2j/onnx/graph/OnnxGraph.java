package io.github.blip2j.onnx.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Builds one ONNX model: what the graph is given and gives, its constants and its weights. Nodes
 * are added by the methods of {@link Tensor}. For one thread.
 */
public final class OnnxGraph {
  private final String name;
  private final @Nullable OnnxGraph outer;
  private final Root root; // shared with the graphs within
  private final List<ModelWriter.Node> nodes = new ArrayList<>();
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> outputs = new ArrayList<>();
  private final List<Tensor> described = new ArrayList<>();
  private final Map<String, Tensor> named = new HashMap<>();

  /** What all graphs of a model share: names are unique, and the outermost has all weights. */
  private static final class Root {
    final List<Value> values = new ArrayList<>();
    final Set<String> names = new HashSet<>();
    final List<Protobuf> initializers = new ArrayList<>();
    final Map<String, Tensor> constants = new HashMap<>();
  }

  /**
   * Where a tensor lies that stays in its file.
   *
   * @param location path of the file relative to the folder that the runtime is given, with forward
   *     slashes
   * @param offset first byte
   * @param bytes length
   */
  public record FilePart(String location, long offset, long bytes) {}

  public OnnxGraph(String name) {
    this(name, null, new Root());
  }

  private OnnxGraph(String name, @Nullable OnnxGraph outer, Root root) {
    this.name = name;
    this.outer = outer;
    this.root = root;
  }

  /** A graph within this one, for a loop or a branch: it sees this graph's values. */
  public OnnxGraph body(String name) {
    return new OnnxGraph(name, this, root);
  }

  /**
   * Declares what the graph is given.
   *
   * @param axes a number for a fixed size, a text for the name of one that may be any
   */
  public Tensor input(String name, ElementType type, Object... axes) {
    Tensor input = new Tensor(this, made(Value.named(reserved(name))), type, Shape.of(axes));
    inputs.add(input);
    declare(name, input);
    return input;
  }

  /**
   * The value of a name that this graph or one around it has, for nodes of this graph.
   *
   * @throws IllegalArgumentException if there is none; says which there are
   */
  public Tensor value(String name) {
    for (OnnxGraph graph = this; graph != null; graph = graph.outer) {
      Tensor found = graph.named.get(name);
      if (found != null) {
        return see(found);
      }
    }
    throw new IllegalArgumentException(
        this.name
            + ": expected the name of a value, found "
            + name
            + " and these: "
            + named.keySet());
  }

  /**
   * A value of this graph or of one around it, for nodes of this graph: without it, a node whose
   * inputs are all from around would be added there.
   *
   * @throws IllegalArgumentException if this graph does not see it
   */
  public Tensor see(Tensor tensor) {
    if (!sees(tensor.graph())) {
      throw new IllegalArgumentException(
          name
              + ": expected a value from here or around, found "
              + tensor
              + " of "
              + tensor.graph().name);
    }
    return tensor.in(this);
  }

  /** Whether another graph is this one or one around it. */
  boolean sees(OnnxGraph other) {
    for (OnnxGraph graph = this; graph != null; graph = graph.outer) {
      if (graph == other) {
        return true;
      }
    }
    return false;
  }

  /**
   * Declares what the graph gives: a value under a name of its own.
   *
   * @param axes as of {@link #input}; those that are known must fit
   */
  public void output(String name, Tensor tensor, Object... axes) {
    output(see(tensor).identity().named(name), axes);
  }

  /** Declares what the graph gives: a value under the name that it has. */
  public void output(Tensor tensor, Object... axes) {
    Shape shape = Shape.of(axes);
    if (!tensor.shape().fits(shape)) {
      throw new IllegalArgumentException(
          name + ": expected an output of shape " + shape + ", found " + tensor);
    }
    outputs.add(see(tensor).as(shape));
  }

  /** A list of numbers, float32, which are folded into one when the graph is opened. */
  public Tensor reals(float... numbers) {
    Tensor first = real(numbers[0]).reshape(1);
    Tensor[] others = new Tensor[numbers.length - 1];
    for (int j = 0; j < others.length; j++) {
      others[j] = real(numbers[j + 1]).reshape(1);
    }
    return first.concat(0, others);
  }

  /** A number, float32. */
  public Tensor real(float number) {
    String constant = "const_" + number;
    Tensor known = root.constants.get(constant);
    if (known == null) {
      root.initializers.add(Initializer.real(constant, number));
      known = constant(constant, ElementType.FLOAT32, Shape.of());
    }
    return known.in(this);
  }

  /** A list of integers, int64. */
  public Tensor integers(long... numbers) {
    StringJoiner listed = new StringJoiner(",", "const_", "");
    List<Shape.Axis> sizes = new ArrayList<>();
    for (long number : numbers) {
      listed.add(Long.toString(number));
      sizes.add(Shape.Axis.fixed(number));
    }
    String constant = listed.toString();
    Tensor known = root.constants.get(constant);
    if (known == null) {
      root.initializers.add(Initializer.integers(constant, numbers));
      known = constant(constant, ElementType.INT64, Shape.of(numbers.length));
    }
    return known.in(this).holding(sizes);
  }

  /**
   * A tensor that stays in its file.
   *
   * @throws IllegalArgumentException if another of the same name is of another type or shape
   */
  public Tensor stored(String name, ElementType type, List<Long> sizes, FilePart part) {
    Shape shape = Shape.of(sizes.toArray());
    Tensor known = root.constants.get(name);
    if (known == null) {
      root.initializers.add(Initializer.stored(name, type, shape, part));
      known = constant(name, type, shape);
    }
    if (known.type() != type || !known.shape().equals(shape)) {
      throw new IllegalArgumentException(
          name + ": expected " + type + shape + " as before, found " + known);
    }
    return known.in(this);
  }

  private Tensor constant(String name, ElementType type, Shape shape) {
    Tensor made = new Tensor(this, made(Value.named(reserved(name))), type, shape);
    root.constants.put(name, made);
    return made;
  }

  /**
   * Adds a loop around a body: its inputs are the number of the round () int64, whether it goes on
   * () bool, and what is carried from round to round; its outputs whether it goes on, what is
   * carried, and what is collected.
   *
   * @param most rounds, () int64
   * @param goesOn whether there is a first round, () bool
   * @param carried into the first round
   * @return what is carried out of the last round, then what was collected, with an axis in front
   *     for the rounds
   */
  public List<Tensor> loop(Tensor most, Tensor goesOn, List<Tensor> carried, OnnxGraph body) {
    Operator operator = Operator.of("Loop", see(most), goesOn).given(carried);
    operator.type(0, ElementType.INT64).rank(0, 0).type(1, ElementType.BOOL).rank(1, 0);
    int rounds = carried.size();
    operator.expect(
        body.inputs.size() == rounds + 2 && body.outputs.size() > rounds,
        "a body of %d inputs and more than %d outputs, not %d and %d",
        rounds + 2,
        rounds,
        body.inputs.size(),
        body.outputs.size());
    List<Operator.Result> results = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Tensor into = body.inputs.get(i + 2);
      Tensor out = body.outputs.get(i + 1);
      operator.expect(
          fit(carried.get(i), into) && fit(out, into), "to carry %s, not %s", into, out);
      results.add(Operator.Result.like(into));
    }
    for (Tensor collected : body.outputs.subList(rounds + 1, body.outputs.size())) {
      List<Shape.Axis> axes = new ArrayList<>(collected.shape().axes());
      axes.add(0, Shape.Axis.UNKNOWN);
      results.add(new Operator.Result(collected.type(), new Shape(axes)));
    }
    return operator.with("body", body).gives(results);
  }

  private static boolean fit(Tensor one, Tensor other) {
    return one.type() == other.type() && one.shape().fits(other.shape());
  }

  String name() {
    return name;
  }

  List<ModelWriter.Node> nodes() {
    return nodes;
  }

  List<Tensor> inputs() {
    return inputs;
  }

  List<Tensor> outputs() {
    return outputs;
  }

  /** Those of the whole model in the outermost graph, none in the others. */
  List<Protobuf> initializers() {
    return outer == null ? root.initializers : List.of();
  }

  void add(ModelWriter.Node node) {
    nodes.add(node);
  }

  /**
   * Says in the model what shape a value has, where ONNX Runtime cannot see it by itself. Memory of
   * values whose shapes it does not know is never used again for others, and it compares each with
   * all that came before.
   */
  void describe(Tensor tensor) {
    if (tensor.shape().isNamed()) {
      described.add(tensor);
    }
  }

  List<Tensor> described() {
    return described;
  }

  /** Notes a value that will need a name. */
  Value made(Value value) {
    root.values.add(value);
    return value;
  }

  /** Notes a value that can be asked for by its name. */
  void declare(String name, Tensor tensor) {
    named.put(name, tensor);
  }

  /** A name that nothing in the model has yet. */
  String reserved(String name) {
    if (name.isEmpty() || !root.names.add(name)) {
      throw new IllegalArgumentException(
          this.name + ": expected a name that nothing has yet, found '" + name + "'");
    }
    return name;
  }

  /** The model as bytes: a ModelProto with this graph. */
  public byte[] toModel() {
    return new ModelWriter(root.values).model(this);
  }
}
