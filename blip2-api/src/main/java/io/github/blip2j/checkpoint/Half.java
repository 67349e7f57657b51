package io.github.blip2j.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/** Widening of stored weights to float32: exact for both 16-bit types. */
final class Half {
  private Half() {}

  /**
   * Decodes {@code count} elements from the start of {@code source}.
   *
   * @param source little-endian bytes of type {@code dtype}
   */
  static void decode(DType dtype, ByteBuffer source, float[] target, int count) {
    switch (dtype) {
      case F32 -> source.asFloatBuffer().get(target, 0, count);
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
}
