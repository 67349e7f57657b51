package io.github.blip2j.testkit;

import io.github.blip2j.stage.HostTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A value (B, T, D) as numbers.
 *
 * @param data row-major
 * @param shape three sizes
 */
record ArrayValue(double[] data, int... shape) {
  ArrayValue {
    if (shape.length != 3 || shape[0] * shape[1] * shape[2] != data.length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " must explain " + data.length + " numbers");
    }
  }

  static ArrayValue of(float[] floats, int... shape) {
    double[] data = new double[floats.length];
    for (int i = 0; i < data.length; i++) {
      data[i] = floats[i];
    }
    return new ArrayValue(data, shape);
  }

  /** A tensor of one to four axes; those between the first and the last become one. */
  static ArrayValue of(HostTensor tensor) {
    long[] shape = tensor.shape();
    int last = shape.length < 3 ? 1 : (int) shape[shape.length - 1];
    int first = shape.length < 2 ? 1 : (int) shape[0];
    double[] data =
        tensor instanceof HostTensor.Floats floats
            ? of(floats.values(), 1, 1, floats.values().length).data()
            : Arrays.stream(((HostTensor.Integers) tensor).values()).asDoubleStream().toArray();
    long between = shape.length == 1 ? shape[0] : shape[1];
    for (int axis = 2; axis < shape.length - 1; axis++) {
      between *= shape[axis];
    }
    return new ArrayValue(data, first, (int) between, last);
  }

  static ArrayValue zeros(int... shape) {
    return new ArrayValue(new double[shape[0] * shape[1] * shape[2]], shape);
  }

  int batch() {
    return shape[0];
  }

  int length() {
    return shape[1];
  }

  int width() {
    return shape[2];
  }

  double at(int b, int t, int d) {
    return data[(b * shape[1] + t) * shape[2] + d];
  }

  void set(int b, int t, int d, double value) {
    data[(b * shape[1] + t) * shape[2] + d] = value;
  }

  /** So many positions from one on. */
  ArrayValue positions(int from, int count) {
    ArrayValue y = zeros(batch(), count, width());
    for (int b = 0; b < batch(); b++) {
      for (int t = 0; t < count; t++) {
        for (int d = 0; d < width(); d++) {
          y.set(b, t, d, at(b, from + t, d));
        }
      }
    }
    return y;
  }

  /** Values of the same batch and length, one beside the other. */
  static ArrayValue joined(List<ArrayValue> parts) {
    ArrayValue first = parts.get(0);
    int width = first.width();
    ArrayValue y = zeros(first.batch(), first.length(), parts.size() * width);
    for (int p = 0; p < parts.size(); p++) {
      parts.get(p).requireShape("join", first.shape());
      for (int i = 0; i < first.data().length; i++) {
        y.data()[(i / width * parts.size() + p) * width + i % width] = parts.get(p).data()[i];
      }
    }
    return y;
  }

  float[] floats() {
    float[] floats = new float[data.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) data[i];
    }
    return floats;
  }

  void requireShape(String what, int... expected) {
    if (!Arrays.equals(shape, expected)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected shape %s, found %s",
              what,
              Arrays.toString(expected),
              Arrays.toString(shape)));
    }
  }
}
