package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Tensors that are there, seen from a prefix. */
record StoredWeights(Map<String, WeightTensor> tensors, String prefix) implements Weights {
  @Override
  public Weights at(String name) {
    return new StoredWeights(tensors, prefix + name + ".");
  }

  @Override
  public boolean has(String name) {
    return tensors.containsKey(prefix + name);
  }

  @Override
  public WeightTensor tensor(String name, long... shape) {
    List<Long> expected = Arrays.stream(shape).boxed().collect(Collectors.toList());
    WeightTensor tensor = tensors.get(prefix + name);
    if (tensor == null) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s%s: expected %s, found no such tensor", prefix, name, expected));
    }
    if (!tensor.shape().equals(expected)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s%s: expected %s, found %s", prefix, name, expected, tensor.shape()));
    }
    if (!tensor.dtype().isWeight()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s%s: expected F32, F16, BF16 or F64, found %s",
              prefix,
              name,
              tensor.dtype()));
    }
    return tensor;
  }

  @Override
  public List<WeightTensor> all() {
    return List.copyOf(tensors.values());
  }
}
