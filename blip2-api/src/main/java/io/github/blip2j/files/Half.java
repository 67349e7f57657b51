package io.github.blip2j.files;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;

/**
 * Widening of stored weights to float32, exact for both 16-bit types, and rounding to binary16.
 * Immutable; safe for many threads.
 */
final class Half {
  /** The largest number of binary16. */
  static final float LARGEST = 65504;

  private Half() {}

  /**
   * Decodes {@code count} elements from the start of {@code source}.
   *
   * @param source little-endian bytes of type {@code dtype}
   */
  static void decode(DType dtype, ByteBuffer source, float[] target, int count) {
    switch (dtype) {
      case F32 -> source.asFloatBuffer().get(target, 0, count);
      case F64 -> {
        DoubleBuffer doubles = source.asDoubleBuffer();
        for (int i = 0; i < count; i++) {
          target[i] = (float) doubles.get(i); // to the nearest, as PyTorch narrows
        }
      }
      case BF16 -> {
        ShortBuffer words = source.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[i] = Float.intBitsToFloat(words.get(i) << 16);
        }
      }
      case F16 -> {
        ShortBuffer words = source.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[i] = half(words.get(i));
        }
      }
      default -> throw new IllegalArgumentException("dtype: expected a weight's, found " + dtype);
    }
  }

  /**
   * Encodes {@code count} elements at the position of {@code target}, to the nearest.
   *
   * @param target little-endian bytes of type {@code dtype}
   */
  static void encode(DType dtype, float[] source, int count, ByteBuffer target) {
    for (int i = 0; i < count; i++) {
      switch (dtype) {
        case F32 -> target.putFloat(source[i]);
        case F16 -> target.putShort(round(source[i]));
        case BF16 -> {
          int bits = Float.floatToRawIntBits(source[i]);
          int up = Float.isNaN(source[i]) ? 0 : 0x7fff + (bits >>> 16 & 1);
          target.putShort((short) (bits + up >>> 16));
        }
        default -> throw new IllegalArgumentException("dtype: expected F32, F16 or BF16: " + dtype);
      }
    }
  }

  /**
   * IEEE 754 binary16 to binary32. The exponent and mantissa move up by 13 bits and the scale is
   * put right by one exact multiplication with 2^112, which also normalises subnormal numbers;
   * infinity and NaN keep their exponent.
   */
  static float half(short word) {
    int magnitude = (word & 0x7fff) << 13;
    int sign = (word & 0x8000) << 16;
    if (magnitude >= 0x7c00 << 13) {
      return Float.intBitsToFloat(sign | 0x7f800000 | magnitude & 0x007fffff);
    }
    float value = Float.intBitsToFloat(magnitude) * 0x1p112f;
    return Float.intBitsToFloat(sign | Float.floatToRawIntBits(value));
  }

  /**
   * Rounds to IEEE 754 binary16, to the nearest, of two equally near ones to the even. What is too
   * large becomes infinite.
   *
   * @param value any number
   * @return its bits
   */
  static short round(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    // Scaled by 2^-112 the exponents are the same, and rounding is that of the last kept bit; below
    // the normal numbers adding 1/2 of float's spacing of 2^-24 rounds.
    if (magnitude < 0x38800000) {
      float denormal = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | Float.floatToRawIntBits(denormal) - 0x3f000000);
    }
    int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1) - (112 << 23) >>> 13;
    return (short) (sign | Math.min(rounded, 0x7c00));
  }
}
