package io.github.blip2j.stage;

import java.util.Arrays;
import java.util.Locale;

/**
 * Numbers on the heap with a shape, row-major: what a stage is given. The array is lent for the
 * call and not copied.
 */
public sealed interface HostTensor {
  /**
   * Its sizes.
   *
   * @return outermost first; not to be changed
   */
  long[] shape();

  /**
   * Real numbers.
   *
   * @param values as many float32 as the shape says
   * @param shape sizes, outermost first
   */
  @SuppressWarnings("ArrayRecordComponent") // lent, not compared
  record Floats(float[] values, long... shape) implements HostTensor {
    /** Checks the number of values. */
    public Floats {
      require(values.length, shape);
    }
  }

  /**
   * Integers.
   *
   * @param values as many int64 as the shape says
   * @param shape sizes, outermost first
   */
  @SuppressWarnings("ArrayRecordComponent") // lent, not compared
  record Integers(long[] values, long... shape) implements HostTensor {
    /** Checks the number of values. */
    public Integers {
      require(values.length, shape);
    }
  }

  private static void require(int found, long[] shape) {
    if (Arrays.stream(shape).reduce(1, Math::multiplyExact) != found) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected as many numbers as the shape %s says, found %d",
              Arrays.toString(shape),
              found));
    }
  }
}
