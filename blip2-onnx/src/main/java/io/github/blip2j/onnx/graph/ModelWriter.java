package io.github.blip2j.onnx.graph;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes a graph as an ONNX model; field numbers are those of {@code onnx.proto}. */
final class ModelWriter {
  private static final int IR_VERSION = 9;

  /** In later sets ONNX Runtime has no kernels for GPUs of some operators that a decoder needs. */
  private static final int OPSET = 18;

  private final Map<Value, String> names = new IdentityHashMap<>();

  /**
   * Names the values that have no name.
   *
   * @param values in the order in which they were made
   */
  ModelWriter(List<Value> values) {
    names.put(Value.ABSENT, "");
    int unnamed = 0;
    for (Value value : values) {
      names.put(value, value.name().isPresent() ? value.name().get() : "v" + unnamed++);
    }
  }

  /**
   * A node.
   *
   * @param domain empty for the standard's own
   */
  record Node(
      String domain, String op, List<Value> inputs, List<Value> outputs, Attributes attributes) {}

  byte[] model(OnnxGraph graph) {
    return new Protobuf()
        .number(1, IR_VERSION)
        .text(2, "blip2j")
        .message(7, graph(graph))
        .message(8, new Protobuf().text(1, "").number(2, OPSET))
        .message(8, new Protobuf().text(1, Operator.MICROSOFT).number(2, 1))
        .toByteArray();
  }

  Protobuf graph(OnnxGraph graph) {
    Protobuf proto = new Protobuf();
    graph.nodes().forEach(n -> proto.message(1, node(n)));
    proto.text(2, graph.name());
    graph.initializers().forEach(i -> proto.message(5, i));
    graph.inputs().forEach(i -> proto.message(11, declaration(i)));
    graph.outputs().forEach(o -> proto.message(12, declaration(o)));
    graph.described().forEach(d -> proto.message(13, declaration(d)));
    return proto;
  }

  private Protobuf node(Node node) {
    Protobuf proto = new Protobuf();
    node.inputs().forEach(i -> proto.text(1, name(i)));
    node.outputs().forEach(o -> proto.text(2, name(o)));
    proto.text(3, node.op() + "_" + name(node.outputs().get(0))).text(4, node.op());
    node.attributes().write(proto, this);
    if (!node.domain().isEmpty()) {
      proto.text(7, node.domain());
    }
    return proto;
  }

  private String name(Value value) {
    return Objects.requireNonNull(names.get(value), () -> value + " is of another model");
  }

  private Protobuf declaration(Tensor tensor) {
    Protobuf dims = new Protobuf();
    for (Shape.Axis axis : tensor.shape().axes()) {
      Protobuf dim = new Protobuf();
      dims.message(1, axis.isFixed() ? dim.number(1, axis.size()) : dim.text(2, axis.name()));
    }
    Protobuf type = new Protobuf().number(1, tensor.type().number()).message(2, dims);
    return new Protobuf().text(1, name(tensor.value())).message(2, new Protobuf().message(1, type));
  }
}
