package io.github.blip2j.onnx.graph;

/** The element types that our graphs have. */
public enum ElementType {
  FLOAT32(1),
  UINT8(2),
  INT8(3),
  INT32(6),
  INT64(7),
  BOOL(9),
  FLOAT16(10);

  private final int number;

  ElementType(int number) {
    this.number = number;
  }

  /** Of {@code TensorProto.DataType} in {@code onnx.proto}. */
  int number() {
    return number;
  }

  boolean isFloat() {
    return this == FLOAT32 || this == FLOAT16;
  }
}
