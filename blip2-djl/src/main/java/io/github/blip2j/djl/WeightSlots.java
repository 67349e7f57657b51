package io.github.blip2j.djl;

import io.github.blip2j.checkpoint.WeightTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The order of a module's weights. A weight that serves a linear layer and something else (a tied
 * embedding) has two slots, since the layer's is prepared for its kernel.
 */
final class WeightSlots {
  private final Map<Slot, Integer> slots = new LinkedHashMap<>();

  /**
   * One element of the module's list.
   *
   * @param tensor where it comes from
   * @param linear whether it is prepared for the linear kernel
   */
  record Slot(WeightTensor tensor, boolean linear) {}

  int plain(WeightTensor tensor) {
    return slots.computeIfAbsent(new Slot(tensor, false), s -> slots.size());
  }

  int linear(WeightTensor tensor) {
    return slots.computeIfAbsent(new Slot(tensor, true), s -> slots.size());
  }

  /** All slots in the list's order. */
  Iterable<Slot> inOrder() {
    return slots.keySet();
  }

  int size() {
    return slots.size();
  }
}
