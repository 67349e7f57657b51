package io.github.blip2j.onnx;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a weight lies in a file for the runtime. */
enum WeightForm {
  /** As it is stored, widened if need be. */
  FLOAT32(DType.F32, 32, 0),

  /** The same in binary16. */
  FLOAT16(DType.F16, 16, 0),

  /** (out, blocks, block/2): two weights a byte, the first in the lower half; 8 stands for 0. */
  INT4_BLOCK128(DType.U8, 4, 128),

  /** The same in blocks of 32. */
  INT4_BLOCK32(DType.U8, 4, 32),

  /** The same in blocks of 16, for layers that no larger block divides. */
  INT4_BLOCK16(DType.U8, 4, 16),

  /** (out, blocks, block): a weight a byte; 128 stands for 0. */
  INT8_BLOCK128(DType.U8, 8, 128),

  /** The same in blocks of 32. */
  INT8_BLOCK32(DType.U8, 8, 32),

  /** The same in blocks of 16. */
  INT8_BLOCK16(DType.U8, 8, 16),

  /** (in, out): a weight from −127 to 127 in a byte, with one scale for each output. */
  INT8_COLUMNS(DType.I8, 8, 0);

  private final DType dtype;
  private final int bits;
  private final int block;

  WeightForm(DType dtype, int bits, int block) {
    this.dtype = dtype;
    this.bits = bits;
    this.block = block;
  }

  DType dtype() {
    return dtype;
  }

  int bits() {
    return bits;
  }

  /** Weights that share a scale; 0 if all of an output do. */
  int block() {
    return block;
  }

  /** The form of a layer that must not be rounded to 16 bits. */
  WeightForm inFloat32() {
    return this == FLOAT16 ? FLOAT32 : this;
  }

  boolean quantized() {
    return this != FLOAT32 && this != FLOAT16;
  }

  /** Whether samples of a layer's inputs change how its weight is rounded. */
  boolean isCalibrated() {
    return bits == 4;
  }

  /** The name of a form in names of tensors. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of all. */
  static List<String> names() {
    return Arrays.stream(values()).map(WeightForm::label).toList();
  }

  /** What a weight in this form takes, its scales included. */
  long bytes(WeightTensor weight) {
    long values = dtype.bytes() * product(shape(weight));
    return quantized() ? values + DType.F32.bytes() * product(scales(weight)) : values;
  }

  private static long product(List<Long> sizes) {
    return sizes.stream().reduce(1L, Math::multiplyExact);
  }

  /** Shape of the stored values. */
  List<Long> shape(WeightTensor weight) {
    if (!quantized()) {
      return weight.shape();
    }
    long out = weight.shape().get(0);
    long in = weight.shape().get(1);
    return this == INT8_COLUMNS
        ? List.of(in, out)
        : List.of(out, in / block, (long) block * bits / 8);
  }

  /** Shape of the scales. */
  List<Long> scales(WeightTensor weight) {
    long out = weight.shape().get(0);
    return this == INT8_COLUMNS ? List.of(out) : List.of(out, weight.shape().get(1) / block);
  }
}
