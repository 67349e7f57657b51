package io.github.blip2j.djl;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.TrainingModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The order of the tensors that a loss is given: stored weights, and changes that are not. */
final class TrainingWeights {
  private final Map<String, Integer> slots = new LinkedHashMap<>();
  private final Map<String, WeightTensor> stored = new LinkedHashMap<>();
  private final Map<String, TrainingModel.Parameter> added = new LinkedHashMap<>();

  int slot(WeightTensor tensor) {
    stored.putIfAbsent(tensor.name(), tensor);
    return slot(tensor.name());
  }

  /** Of a matrix that is no part of the checkpoint. */
  int slot(String name, long rows, long columns) {
    added.putIfAbsent(name, new TrainingModel.Parameter(name, List.of(rows, columns)));
    return slot(name);
  }

  private int slot(String name) {
    return slots.computeIfAbsent(name, n -> slots.size());
  }

  /** Names in the list's order. */
  Iterable<String> inOrder() {
    return slots.keySet();
  }

  /** Stored weights by name. */
  Map<String, WeightTensor> stored() {
    return stored;
  }

  /** Matrices that are no part of the checkpoint, by name. */
  Map<String, TrainingModel.Parameter> added() {
    return added;
  }
}
