package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of one type in a file of PyTorch's, of which tensors are views.
 *
 * @param where names it in errors
 * @param elements how many it has
 * @param position byte of the first in the file
 */
record Storage(String where, DType dtype, long elements, long position) {
  private static final int MOST_AXES = 8;

  /**
   * A view of it.
   *
   * @param offset elements in front of the view's first one
   * @throws CheckpointException if it reaches out of the storage, or has more elements than that
   */
  TensorView view(long offset, List<Long> shape, List<Long> strides) {
    if (shape.size() != strides.size() || shape.size() > MOST_AXES) {
      throw refused(
          "as many strides as axes, at most " + MOST_AXES,
          shape + " with strides " + strides,
          null);
    }
    if (offset < 0 || offset > elements || !notNegative(shape) || !notNegative(strides)) {
      throw refused(
          "an offset of 0 to " + elements + ", sizes and strides of 0 or more",
          offset + ", " + shape + " and " + strides,
          null);
    }
    try {
      TensorView view = new TensorView(dtype, shape, strides, position + offset * dtype.bytes());
      if (view.elements() > elements || view.span() > elements - offset) {
        throw refused(
            "a tensor within " + elements + " elements",
            shape + " with strides " + strides + " from element " + offset,
            null);
      }
      return view;
    } catch (ArithmeticException e) {
      throw refused(
          "a tensor within " + elements + " elements", shape + " with strides " + strides, e);
    }
  }

  private static boolean notNegative(List<Long> numbers) {
    return numbers.stream().allMatch(n -> n >= 0);
  }

  private CheckpointException refused(String expected, String found, @Nullable Throwable cause) {
    return new CheckpointException(
        String.format(Locale.ROOT, "%s: expected %s, found %s", where, expected, found), cause);
  }
}
