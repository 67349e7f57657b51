package io.github.blip2j.files;

import java.nio.file.Path;
import java.util.List;

/**
 * A tensor as PyTorch keeps it: elements of a storage, a step apart along each axis.
 *
 * @param shape sizes of the axes, outermost first
 * @param strides elements from one index of an axis to the next; as many as axes
 * @param position byte of the first element in the file
 */
record TensorView(DType dtype, List<Long> shape, List<Long> strides, long position) {
  TensorView {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
  }

  /** Product of the shape. */
  long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Elements from the first to the last, with both; 0 if there are none. */
  long span() {
    if (elements() == 0) {
      return 0;
    }
    long last = 0;
    for (int i = 0; i < shape.size(); i++) {
      last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides.get(i)));
    }
    return last + 1;
  }

  /** Whether the file has its elements one behind another, the last axis's together. */
  boolean rowMajor() {
    long step = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != step) {
        return elements() == 0;
      }
      step *= shape.get(i);
    }
    return true;
  }

  /** Whether it can be used where it lies. */
  boolean inPlace() {
    return rowMajor() && position % dtype.bytes() == 0;
  }

  /** What lies between its first and its last element, as a tensor of one axis. */
  WeightTensor raw(String name, Path file) {
    return new WeightTensor(name, dtype, List.of(span()), file, position, span() * dtype.bytes());
  }

  /** The tensor where it lies, if it is {@link #inPlace}. */
  WeightTensor tensor(String name, Path file) {
    return new WeightTensor(name, dtype, shape, file, position, elements() * dtype.bytes());
  }
}
