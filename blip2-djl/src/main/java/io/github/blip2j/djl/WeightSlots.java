package io.github.blip2j.djl;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.NormFold;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order of a module's weights: a list of tensors, and one of packed objects. A weight that
 * serves a layer whose kernel prepares it and something else too has two slots.
 */
final class WeightSlots {
  private final Map<Slot, Integer> slots = new LinkedHashMap<>();
  private final Map<Packed, Integer> packed = new LinkedHashMap<>();

  /**
   * One element of the module's list of tensors.
   *
   * @param tensor where it comes from
   * @param kernel that prepares it; {@link LinearKernel#PLAIN} if it stays as it is
   * @param fold whose factors divide it, or none
   */
  record Slot(WeightTensor tensor, LinearKernel kernel, @Nullable NormFold fold) {}

  /**
   * One element of the module's list of packed objects.
   *
   * @param bias slot of its bias, or −1
   * @param fold whose factors its columns are multiplied by, or none
   */
  record Packed(WeightTensor tensor, LinearKernel kernel, int bias, @Nullable NormFold fold) {}

  int plain(WeightTensor tensor) {
    return prepared(tensor, LinearKernel.PLAIN);
  }

  int prepared(WeightTensor tensor, LinearKernel kernel) {
    return slots.computeIfAbsent(new Slot(tensor, kernel, null), s -> slots.size());
  }

  /** A norm's own weight. */
  int divided(WeightTensor tensor, NormFold fold) {
    return slots.computeIfAbsent(new Slot(tensor, LinearKernel.PLAIN, fold), s -> slots.size());
  }

  int packed(
      WeightTensor tensor,
      @Nullable WeightTensor bias,
      LinearKernel kernel,
      @Nullable NormFold fold) {
    int slot = bias == null ? -1 : plain(bias);
    return packed.computeIfAbsent(new Packed(tensor, kernel, slot, fold), s -> packed.size());
  }

  /** All tensors in the list's order. */
  Iterable<Slot> inOrder() {
    return slots.keySet();
  }

  /** All packed objects in the list's order. */
  Iterable<Packed> packedInOrder() {
    return packed.keySet();
  }

  /** Of the weights as they are stored, one with two slots twice. */
  long bytes() {
    return slots.keySet().stream().mapToLong(s -> s.tensor().bytes()).sum()
        + packed.keySet().stream().mapToLong(s -> s.tensor().bytes()).sum();
  }
}
