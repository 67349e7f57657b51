package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What an adapter says of one module.
 *
 * @param adapter its tensors, by the names in its file
 * @param module name of the module in the checkpoint
 * @param parts names of this module's tensors; see {@link AdapterTensors}
 */
record AdapterChange(
    AdapterConfig config, Weights adapter, String module, Map<String, String> parts) {
  private static final String BIAS = "B bias";
  private static final String MAGNITUDE = "magnitude";

  boolean hasBias() {
    return parts.containsKey(BIAS);
  }

  /**
   * The change of the module's weight.
   *
   * @throws CheckpointException if a part is missing or of another rank or shape
   */
  MergedWeight ofWeight(WeightTensor weight) {
    boolean embedding = parts.containsKey("embedding_A") || parts.containsKey("embedding_B");
    if (weight.shape().size() < 2) {
      throw refused("a weight of two axes or more", weight.name() + " " + weight.shape());
    }
    boolean dora = config.dora() || parts.containsKey(MAGNITUDE);
    if (dora && (embedding || !config.dora())) {
      throw refused(
          "magnitudes of linear layers, and those with use_dora",
          (embedding ? "use_dora for an embedding" : "a magnitude without use_dora"));
    }
    LowRank change = embedding ? embedding(weight) : layer(weight);
    return new MergedWeight(weight, change, dora ? lengths(weight) : null);
  }

  /** The change of the module's bias by that of B; the scale is the same. */
  MergedWeight ofBias(WeightTensor bias) {
    float[] change = part(BIAS, bias.shape()).floats();
    LowRank column = new LowRank(1, config.scale(module), change, new float[] {1});
    return new MergedWeight(bias, column, null);
  }

  /** B·A, where A may read patches and B is then a convolution over single pixels. */
  private LowRank layer(WeightTensor weight) {
    long rank = config.rank(module);
    List<Long> shape = weight.shape();
    List<Long> a = new ArrayList<>(shape);
    a.set(0, rank);
    List<Long> b = new ArrayList<>(List.of(shape.get(0), rank));
    while (b.size() < shape.size()) {
      b.add(1L);
    }
    if (config.transposed() && shape.size() == 2 && storedTransposed(shape)) {
      return of(part("A", List.of(rank, shape.get(0))), part("B", List.of(shape.get(1), rank)))
          .transposed();
    }
    return of(part("A", a), part("B", b));
  }

  /** A matrix that is stored (in, out), told by the widths of its change; no square one is. */
  private boolean storedTransposed(List<Long> shape) {
    return parts.containsKey("A")
        && parts.containsKey("B")
        && !shape.get(0).equals(shape.get(1))
        && any("A").shape().get(any("A").shape().size() - 1).equals(shape.get(0))
        && any("B").shape().get(0).equals(shape.get(1));
  }

  private LowRank embedding(WeightTensor table) {
    long rank = config.rank(module);
    WeightTensor a = part("embedding_A", List.of(rank, table.shape().get(0)));
    WeightTensor b = part("embedding_B", List.of(table.shape().get(1), rank));
    return of(a, b).transposed();
  }

  private LowRank of(WeightTensor a, WeightTensor b) {
    return new LowRank(config.rank(module), config.scale(module), b.floats(), a.floats());
  }

  private float[] lengths(WeightTensor weight) {
    long rows = weight.shape().get(0);
    List<Long> shape = new ArrayList<>(List.of(rows));
    if (weight.shape().size() > 2) {
      shape = new ArrayList<>(weight.shape());
      shape.replaceAll(n -> 1L);
      shape.set(1, rows);
    }
    return part(MAGNITUDE, shape).floats();
  }

  private WeightTensor part(String part, List<Long> shape) {
    String name = parts.get(part);
    if (name == null) {
      throw refused("its " + part + " " + shape, parts.keySet().toString());
    }
    return adapter.tensor(name, shape.stream().mapToLong(Long::longValue).toArray());
  }

  private WeightTensor any(String part) {
    String name = Objects.requireNonNull(parts.get(part));
    return adapter.all().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  private CheckpointException refused(String expected, String found) {
    return new CheckpointException(
        config.where() + ": " + module + ": expected " + expected + ", found " + found);
  }
}
