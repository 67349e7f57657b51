package io.github.blip2j.djl;

/** PyTorch's numbers of element types ({@code c10/core/ScalarType.h}), as TorchScript has them. */
enum TorchType {
  UINT8(0),
  INT64(4),
  FLOAT16(5),
  FLOAT32(6),
  FLOAT64(7),
  QINT8(12),
  BFLOAT16(15);

  private final int number;

  TorchType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
