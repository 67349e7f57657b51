package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;

/** Element types of the safetensors format. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary16. */
  F16(2),
  /** The upper half of a binary32. */
  BF16(2),
  /** IEEE 754 binary64. */
  F64(8),
  /** Signed 64-bit integer. */
  I64(8),
  /** Signed 32-bit integer. */
  I32(4),
  /** Signed 16-bit integer. */
  I16(2),
  /** Signed 8-bit integer. */
  I8(1),
  /** Unsigned 64-bit integer. */
  U64(8),
  /** Unsigned 32-bit integer. */
  U32(4),
  /** Unsigned 16-bit integer. */
  U16(2),
  /** Unsigned 8-bit integer. */
  U8(1),
  /** One byte, 0 or 1. */
  BOOL(1),
  /** 8-bit float, 5 exponent bits. */
  F8_E5M2(1),
  /** 8-bit float, 4 exponent bits. */
  F8_E4M3(1),
  /** 8-bit float, 5 exponent bits, without infinities and negative zero. */
  F8_E5M2FNUZ(1),
  /** 8-bit float, 4 exponent bits, without infinities and negative zero. */
  F8_E4M3FNUZ(1),
  /** A power of two of 8 bits. */
  F8_E8M0(1),
  /** Two binary32. */
  C64(8),
  /**
   * None of the format's own: a weight of a bundle that is there only in a form that a backend has
   * prepared, in one or several tensors of other names.
   */
  PREPARED(0);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Size of one element.
   *
   * @return bytes an element; 0 of {@link #PREPARED}
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Whether weights of this type can be run.
   *
   * @return true for float64, which is narrowed to float32, float32, float16 and bfloat16, and for
   *     what a backend has prepared
   */
  public boolean isWeight() {
    return this == F32 || this == F16 || this == BF16 || this == F64 || this == PREPARED;
  }

  static DType parse(String name, String where) {
    for (DType type : values()) {
      if (type.name().equals(name) && type != PREPARED) {
        return type;
      }
    }
    throw new CheckpointException(where + ": expected a safetensors dtype, found \"" + name + "\"");
  }
}
