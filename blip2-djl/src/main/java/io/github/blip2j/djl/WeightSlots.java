package io.github.blip2j.djl;

import io.github.blip2j.checkpoint.WeightTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The order of a module's weights. A weight that serves a layer whose kernel prepares it and
 * something else too has two slots.
 */
final class WeightSlots {
  private final Map<Slot, Integer> slots = new LinkedHashMap<>();

  /**
   * One element of the module's list.
   *
   * @param tensor where it comes from
   * @param prepared whether it is prepared for its kernel
   */
  record Slot(WeightTensor tensor, boolean prepared) {}

  int plain(WeightTensor tensor) {
    return slots.computeIfAbsent(new Slot(tensor, false), s -> slots.size());
  }

  int prepared(WeightTensor tensor) {
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
