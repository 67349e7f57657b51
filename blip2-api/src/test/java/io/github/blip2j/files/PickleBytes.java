package io.github.blip2j.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles an opcode at a time. */
final class PickleBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** With the protocol. */
  static PickleBytes start() {
    return new PickleBytes().op(0x80, 2);
  }

  /** An opcode and its bytes. */
  PickleBytes op(int... bytes) {
    for (int value : bytes) {
      out.write(value);
    }
    return this;
  }

  PickleBytes text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    out.writeBytes(little(bytes.length));
    out.writeBytes(bytes);
    return this;
  }

  PickleBytes number(int value) {
    out.write('J');
    out.writeBytes(little(value));
    return this;
  }

  PickleBytes global(String module, String name) {
    out.write('c');
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private PickleBytes tuple(int... numbers) {
    op('(');
    for (int number : numbers) {
      number(number);
    }
    return op('t');
  }

  PickleBytes storage(String type, String key, int elements) {
    return op('(')
        .text("storage")
        .global("torch", type)
        .text(key)
        .text("cpu")
        .number(elements)
        .op('t', 'Q');
  }

  /** A view of storage 0, which has so many elements of float32. */
  PickleBytes tensor(int elements, int offset, int[] shape, int... strides) {
    return tensor("FloatStorage", elements, offset, shape, strides);
  }

  PickleBytes tensor(String type, int elements, int offset, int[] shape, int... strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .op('(')
        .storage(type, "0", elements)
        .number(offset)
        .tuple(shape)
        .tuple(strides)
        .op(0x89)
        .global("collections", "OrderedDict")
        .op(')', 'R', 't', 'R');
  }

  byte[] end() {
    return op('.').out.toByteArray();
  }

  private static byte[] little(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}
