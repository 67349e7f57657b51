package io.github.blip2j.onnx.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The attributes of a node, by name: integers, reals, lists of integers or graphs. */
final class Attributes {
  private final Map<String, Object> values = new TreeMap<>();

  void put(String name, long value) {
    values.put(name, value);
  }

  void put(String name, double value) {
    values.put(name, (float) value);
  }

  void put(String name, int[] values) {
    this.values.put(name, values.clone());
  }

  void put(String name, OnnxGraph body) {
    values.put(name, body);
  }

  /** Writes them as fields 5 of a NodeProto. */
  void write(Protobuf node, ModelWriter writer) {
    values.forEach(
        (name, value) -> {
          Protobuf attribute = new Protobuf().text(1, name);
          if (value instanceof Long number) {
            attribute.number(3, number).number(20, 2);
          } else if (value instanceof Float real) {
            attribute.real(2, real).number(20, 1);
          } else if (value instanceof int[] numbers) {
            Arrays.stream(numbers).forEach(n -> attribute.number(8, n));
            attribute.number(20, 7);
          } else {
            attribute.message(6, writer.graph((OnnxGraph) value)).number(20, 5);
          }
          node.message(5, attribute);
        });
  }
}
