package io.github.blip2j.testkit;

import io.github.blip2j.files.WeightTensor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Weights of a model as arrays, each read once for all its sessions. Safe for many threads. */
final class ArrayWeights {
  private final Map<String, float[]> floats = new ConcurrentHashMap<>();
  private final Map<String, double[]> columns = new ConcurrentHashMap<>();

  /** A tensor as it lies. */
  float[] floats(WeightTensor tensor) {
    return floats.computeIfAbsent(tensor.name(), name -> tensor.floats());
  }

  /** A linear layer's weight (out,in) as (in,out): what one input is multiplied by, in a row. */
  double[] columns(WeightTensor weight) {
    return columns.computeIfAbsent(weight.name(), name -> transposed(weight));
  }

  private static double[] transposed(WeightTensor weight) {
    int out = weight.size(0);
    int in = weight.size(1);
    float[] rows = weight.floats();
    double[] columns = new double[rows.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        columns[i * out + o] = rows[o * in + i];
      }
    }
    return columns;
  }
}
