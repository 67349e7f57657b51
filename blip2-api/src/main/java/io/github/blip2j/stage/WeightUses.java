package io.github.blip2j.stage;

import io.github.blip2j.core.Precision;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which weights stages ask for, and in which role: what is needed to estimate memory and to prepare
 * files before anything is compiled. Immutable.
 *
 * @param linear weights (out,in) of linear layers, whose form a precision decides
 * @param inFloat32 weights of linear layers that stay float32 in every 16-bit precision
 * @param tables (entries,width) of which rows are looked up
 * @param others norms, biases and parameters, which stay as they are
 * @param cachedBias whether attention to the cache has a bias
 */
public record WeightUses(
    List<WeightTensor> linear,
    List<WeightTensor> inFloat32,
    List<WeightTensor> tables,
    List<WeightTensor> others,
    boolean cachedBias) {

  /**
   * Looks at stages.
   *
   * @param stages are run over an interpreter that computes nothing
   * @return their weights, each once in each role however many stages use it, in the order in which
   *     they are asked for
   */
  public static WeightUses of(List<Stage> stages) {
    Collector collector = new Collector();
    for (Stage stage : stages) {
      Map<String, Boolean> inputs = new LinkedHashMap<>();
      stage.inputs().forEach(i -> inputs.put(i.name(), true));
      stage.apply(collector, inputs);
    }
    return new WeightUses(
        List.copyOf(collector.linear.values()),
        List.copyOf(collector.inFloat32.values()),
        List.copyOf(collector.tables.values()),
        List.copyOf(collector.others.values()),
        collector.cachedBias);
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

  /** A value is of no interest. */
  private static final class Collector implements Ops<Boolean> {
    private final Map<String, WeightTensor> linear = new LinkedHashMap<>();
    private final Map<String, WeightTensor> inFloat32 = new LinkedHashMap<>();
    private final Map<String, WeightTensor> tables = new LinkedHashMap<>();
    private final Map<String, WeightTensor> others = new LinkedHashMap<>();
    private boolean cachedBias;

    private boolean other(@Nullable WeightTensor... tensors) {
      for (WeightTensor tensor : tensors) {
        if (tensor != null) {
          others.put(tensor.name(), tensor);
        }
      }
      return true;
    }

    @Override
    public Boolean linear(Boolean x, WeightTensor weight, @Nullable WeightTensor bias) {
      linear.put(weight.name(), weight);
      return other(bias);
    }

    @Override
    public Boolean linearInFloat32(Boolean x, WeightTensor weight, @Nullable WeightTensor bias) {
      inFloat32.put(weight.name(), weight);
      return other(bias);
    }

    @Override
    public Boolean layerNorm(Boolean x, WeightTensor weight, WeightTensor bias, double eps) {
      return other(weight, bias);
    }

    @Override
    public Boolean rmsNorm(Boolean x, WeightTensor weight, double eps) {
      return other(weight);
    }

    @Override
    public Boolean normalize(Boolean x) {
      return x;
    }

    @Override
    public Boolean geluTanh(Boolean x) {
      return x;
    }

    @Override
    public Boolean multiply(Boolean a, Boolean b) {
      return a;
    }

    @Override
    public Boolean scale(Boolean x, double factor) {
      return x;
    }

    @Override
    public Boolean gelu(Boolean x) {
      return x;
    }

    @Override
    public Boolean silu(Boolean x) {
      return x;
    }

    @Override
    public Boolean rotate(Boolean x, Boolean positionIds, Rotary rotary) {
      return x;
    }

    @Override
    public Boolean relu(Boolean x) {
      return x;
    }

    @Override
    public Boolean add(Boolean a, Boolean b) {
      return a;
    }

    @Override
    public Boolean addParameter(Boolean x, WeightTensor parameter) {
      return other(parameter);
    }

    @Override
    public Boolean expand(WeightTensor parameter, Boolean like) {
      return other(parameter);
    }

    @Override
    public Boolean concat(Boolean first, Boolean second) {
      return first;
    }

    @Override
    public List<Boolean> split(Boolean x, int parts) {
      return new ArrayList<>(Collections.nCopies(parts, x));
    }

    @Override
    public List<Boolean> splitHeads(Boolean x, int heads, int parts) {
      return split(x, parts);
    }

    @Override
    public Boolean patchEmbedding(Boolean pixels, WeightTensor weight, WeightTensor bias) {
      return other(weight, bias);
    }

    @Override
    public Boolean embedding(Boolean ids, WeightTensor table, int offset) {
      tables.put(table.name(), table);
      return true;
    }

    @Override
    public Boolean attention(Attended<Boolean> x, Heads heads, @Nullable Boolean bias) {
      return x.query();
    }

    @Override
    public Boolean attentionWeights(Boolean query, Boolean key, Heads heads) {
      return query;
    }

    @Override
    public Boolean cachedAttention(
        Attended<Boolean> x, Heads heads, int layer, @Nullable Boolean bias) {
      cachedBias |= bias != null;
      return x.query();
    }

    @Override
    public Boolean memoryAttention(Boolean query, Heads heads, int layer) {
      return query;
    }

    @Override
    public Boolean relativeBias(Boolean buckets, WeightTensor table) {
      return other(table);
    }

    @Override
    public Boolean distanceBias(Boolean distances, float[] slopes) {
      return distances;
    }

    @Override
    public Boolean paddingBias(Boolean mask) {
      return mask;
    }

    @Override
    public Boolean lastPosition(Boolean x) {
      return x;
    }

    @Override
    public Boolean first(Boolean x, int count) {
      return x;
    }

    @Override
    public Boolean rest(Boolean x, int count) {
      return x;
    }

    @Override
    public Boolean meanPosition(Boolean x) {
      return x;
    }

    @Override
    public Boolean fold(Boolean x) {
      return x;
    }

    @Override
    public Boolean unfold(Boolean x, Boolean like) {
      return x;
    }

    @Override
    public Boolean noVectors(Boolean like, int width) {
      return like;
    }

    @Override
    public Boolean newestPosition() {
      return true;
    }

    @Override
    public Boolean keyDistances() {
      return true;
    }

    @Override
    public Boolean lookup(Boolean list, Boolean indices) {
      return list;
    }
  }
}
