package io.github.blip2j.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Builds one ONNX model. Field numbers are those of {@code onnx.proto}; values are names, each set
 * once.
 */
final class OnnxGraph {
  static final int FLOAT = 1;
  static final int UINT8 = 2;
  static final int INT8 = 3;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int BOOL = 9;
  static final int FLOAT16 = 10;

  private static final int IR_VERSION = 9;

  /** In later sets ONNX Runtime has no kernels for cards of some operators that a decoder needs. */
  private static final int OPSET = 18;

  private final Protobuf graph = new Protobuf();
  private final OnnxGraph root; // has all weights, and counts all names
  private final Set<String> initializers = new TreeSet<>();
  private int values;

  OnnxGraph(String name) {
    graph.text(2, name);
    root = this;
  }

  private OnnxGraph(String name, OnnxGraph outer) {
    graph.text(2, name);
    root = outer.root;
  }

  /** A graph within this one: an attribute of one of its nodes, which sees its values. */
  OnnxGraph body(String name) {
    return new OnnxGraph(name, this);
  }

  /** Attributes of a node, by name: integers, reals, lists of integers or graphs. */
  static Map<String, Object> attributes(Object... namesAndValues) {
    Map<String, Object> map = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  /** Adds a node of the standard set with one output, and returns that output's name. */
  String node(String op, List<String> inputs, Map<String, Object> attributes) {
    String output = fresh();
    node("", op, inputs, List.of(output), attributes);
    return output;
  }

  /** The same without attributes. */
  String node(String op, String... inputs) {
    return node(op, List.of(inputs), Map.of());
  }

  /** A value as numbers of another type. */
  String cast(String value, int type) {
    return node("Cast", List.of(value), attributes("to", type));
  }

  /** A value with its axes in another order. */
  String transpose(String value, int... order) {
    return node("Transpose", List.of(value), attributes("perm", order));
  }

  /** A list of one number as a number. */
  String scalar(String one) {
    return node("Reshape", one, integers());
  }

  /** Adds a node of ONNX Runtime's own set with one output, and returns that output's name. */
  String contrib(String op, List<String> inputs, Map<String, Object> attributes) {
    String output = fresh();
    node("com.microsoft", op, inputs, List.of(output), attributes);
    return output;
  }

  void node(
      String domain,
      String op,
      List<String> inputs,
      List<String> outputs,
      Map<String, Object> attributes) {
    Protobuf node = new Protobuf();
    inputs.forEach(i -> node.text(1, i));
    outputs.forEach(o -> node.text(2, o));
    node.text(3, op + "_" + outputs.get(0)).text(4, op);
    attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
    if (!domain.isEmpty()) {
      node.text(7, domain);
    }
    graph.message(1, node);
  }

  String fresh() {
    return "v" + root.values++;
  }

  private static Protobuf attribute(String name, Object value) {
    Protobuf attribute = new Protobuf().text(1, name);
    if (value instanceof Integer number) {
      return attribute.number(3, number).number(20, 2);
    }
    if (value instanceof Double real) {
      return attribute.real(2, real.floatValue()).number(20, 1);
    }
    if (value instanceof int[] numbers) {
      Arrays.stream(numbers).forEach(n -> attribute.number(8, n));
      return attribute.number(20, 7);
    }
    if (value instanceof OnnxGraph body) {
      return attribute.message(6, body.graph).number(20, 5);
    }
    throw new IllegalArgumentException(name + ": no attribute can be " + value);
  }

  /** A number in the model itself. */
  String real(float number) {
    String name = "const_" + number;
    if (root.initializers.add(name)) {
      byte[] raw = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(number).array();
      root.graph.message(5, new Protobuf().number(2, FLOAT).text(8, name).bytes(9, raw));
    }
    return name;
  }

  /** A list of integers in the model itself. */
  String integers(long... numbers) {
    String name = "const_" + Arrays.toString(numbers).replaceAll("[\\[\\] ]", "");
    if (root.initializers.add(name)) {
      ByteBuffer raw = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
      Arrays.stream(numbers).forEach(raw::putLong);
      root.graph.message(
          5,
          new Protobuf()
              .number(1, numbers.length)
              .number(2, INT64)
              .text(8, name)
              .bytes(9, raw.array()));
    }
    return name;
  }

  /**
   * A tensor that stays in its file.
   *
   * @param location path of the file, relative to the folder that the session is given
   */
  String external(
      String name, int type, List<Long> shape, String location, long offset, long bytes) {
    if (root.initializers.add(name)) {
      Protobuf tensor = new Protobuf();
      shape.forEach(s -> tensor.number(1, s));
      tensor.number(2, type).text(8, name);
      tensor.message(13, pair("location", location));
      tensor.message(13, pair("offset", Long.toString(offset)));
      tensor.message(13, pair("length", Long.toString(bytes)));
      root.graph.message(5, tensor.number(14, 1));
    }
    return name;
  }

  private static Protobuf pair(String key, String value) {
    return new Protobuf().text(1, key).text(2, value);
  }

  /**
   * Declares an input.
   *
   * @param shape a {@link Long} for a fixed axis, a {@link String} for one of any size
   */
  String input(String name, int type, Object... shape) {
    graph.message(11, value(name, type, shape));
    return name;
  }

  /** Declares an output that a node has under another name. */
  void output(String name, String produced, int type, Object... shape) {
    node("", "Identity", List.of(produced), List.of(name), Map.of());
    declareOutput(name, type, shape);
  }

  /** Declares an output that a node already has. */
  void declareOutput(String name, int type, Object... shape) {
    graph.message(12, value(name, type, shape));
  }

  private static Protobuf value(String name, int type, Object... shape) {
    Protobuf dims = new Protobuf();
    for (Object size : shape) {
      dims.message(
          1,
          size instanceof Long fixed
              ? new Protobuf().number(1, fixed)
              : new Protobuf().text(2, (String) size));
    }
    Protobuf tensor = new Protobuf().number(1, type).message(2, dims);
    return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
  }

  byte[] toModel() {
    return new Protobuf()
        .number(1, IR_VERSION)
        .text(2, "blip2j")
        .message(7, graph)
        .message(8, new Protobuf().text(1, "").number(2, OPSET))
        .message(8, new Protobuf().text(1, "com.microsoft").number(2, 1))
        .toByteArray();
  }
}
