package io.github.blip2j.onnx.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes tensors that a model has, or names where they lie. */
final class Initializer {
  private Initializer() {}

  static Protobuf real(String name, float number) {
    byte[] raw = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(number).array();
    return new Protobuf().number(2, ElementType.FLOAT32.number()).text(8, name).bytes(9, raw);
  }

  static Protobuf integers(String name, long... numbers) {
    ByteBuffer raw = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(numbers).forEach(raw::putLong);
    return new Protobuf()
        .number(1, numbers.length)
        .number(2, ElementType.INT64.number())
        .text(8, name)
        .bytes(9, raw.array());
  }

  static Protobuf stored(String name, ElementType type, Shape shape, OnnxGraph.FilePart part) {
    Protobuf tensor = new Protobuf();
    shape.axes().forEach(a -> tensor.number(1, a.size()));
    tensor.number(2, type.number()).text(8, name);
    tensor.message(13, pair("location", part.location()));
    tensor.message(13, pair("offset", Long.toString(part.offset())));
    tensor.message(13, pair("length", Long.toString(part.bytes())));
    return tensor.number(14, 1);
  }

  private static Protobuf pair(String key, String value) {
    return new Protobuf().text(1, key).text(2, value);
  }
}
