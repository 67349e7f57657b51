package io.github.blip2j.stage;

import io.github.blip2j.core.Precision;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which weights stages ask for, and in which role: what is needed to estimate memory and to prepare
 * files before anything is compiled. Immutable.
 *
 * @param linear weights (out,in) of linear layers, whose form a precision decides
 * @param inFloat32 weights of linear layers that stay float32 in every 16-bit precision
 * @param tables (entries,width) of which rows are looked up
 * @param others norms, biases and parameters, which stay as they are
 * @param cachedBias whether attention to the cache has a bias
 * @param folds norms whose channels can be scaled, because linear layers alone see them
 */
public record WeightUses(
    List<WeightTensor> linear,
    List<WeightTensor> inFloat32,
    List<WeightTensor> tables,
    List<WeightTensor> others,
    boolean cachedBias,
    List<NormFold> folds) {

  /**
   * Looks at stages.
   *
   * @param stages are run over an interpreter that computes nothing
   * @return their weights, each once in each role however many stages use it, in the order in which
   *     they are asked for
   */
  public static WeightUses of(List<Stage> stages) {
    if (stages.size() == 1) {
      return stages.get(0).weights(); // which remembers them
    }
    WeightCollector collector = new WeightCollector();
    stages.forEach(collector::look);
    return collector.uses();
  }

  /**
   * Memory that the weights of linear layers take in a precision.
   *
   * @param precision of them all
   * @return bytes, scales of quantised weights included
   */
  public long linearBytes(Precision precision) {
    Map<String, Long> elements = new LinkedHashMap<>();
    Stream.concat(linear.stream(), inFloat32.stream())
        .forEach(t -> elements.put(t.name(), t.elements())); // one may be used in both roles
    return (long) (elements.values().stream().mapToLong(n -> n).sum() * bytesEach(precision));
  }

  /**
   * Memory that all weights take where those of linear layers are in a precision and the others are
   * float32.
   *
   * @param precision of linear layers
   * @return bytes; a table that is a float32 linear layer too counts once
   */
  public long bytes(Precision precision) {
    Map<String, Long> elements = new LinkedHashMap<>();
    Stream.concat(tables.stream(), others.stream())
        .forEach(t -> elements.put(t.name(), t.elements()));
    if (precision == Precision.FLOAT32) {
      Stream.concat(linear.stream(), inFloat32.stream()).forEach(t -> elements.remove(t.name()));
    }
    return linearBytes(precision)
        + DType.F32.bytes() * elements.values().stream().mapToLong(n -> n).sum();
  }

  /**
   * Names of the weights, whatever their roles.
   *
   * @return full names in the checkpoint, unmodifiable
   */
  public Set<String> names() {
    return Stream.of(linear, inFloat32, tables, others)
        .flatMap(List::stream)
        .map(WeightTensor::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Bytes of a weight, its part of a scale included. */
  private static double bytesEach(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 4;
      case FLOAT16, BFLOAT16 -> 2;
      case INT8, INT8_WEIGHTS -> 1 + 4.0 / 128;
      case INT4 -> 0.5 + 4.0 / 128;
      case INT4_BLOCK32 -> 0.5 + 4.0 / 32;
    };
  }
}
