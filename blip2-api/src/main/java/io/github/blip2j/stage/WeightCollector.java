package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An interpreter that computes nothing and notes weights. A value is what its channels are: those
 * of a norm's result, or others.
 */
final class WeightCollector implements Ops<WeightCollector.Channels> {
  private static final Channels OTHERS = new Channels(null);

  private final Map<String, WeightTensor> linear = new LinkedHashMap<>();
  private final Map<String, WeightTensor> inFloat32 = new LinkedHashMap<>();
  private final Map<String, WeightTensor> tables = new LinkedHashMap<>();
  private final Map<String, WeightTensor> others = new LinkedHashMap<>();
  private final Map<String, Norm> norms = new LinkedHashMap<>();
  private final Map<String, Set<Channels>> seenBy = new LinkedHashMap<>();
  private boolean cachedBias;

  /** The channels of a norm's result; null of others. */
  record Channels(@Nullable Norm norm) {}

  /** A norm, what linear layers see its result, and whether anything else does. */
  static final class Norm {
    private final WeightTensor gain;
    private final @Nullable WeightTensor shift;
    private final Map<String, WeightTensor> layers = new LinkedHashMap<>();
    private boolean elsewhere;

    private Norm(WeightTensor gain, @Nullable WeightTensor shift) {
      this.gain = gain;
      this.shift = shift;
    }
  }

  /** Looks at a stage. */
  void look(Stage stage) {
    Map<String, Channels> inputs = new LinkedHashMap<>();
    stage.inputs().forEach(i -> inputs.put(i.name(), OTHERS));
    stage.apply(this, inputs).forEach(this::used);
  }

  /** What was seen. */
  WeightUses uses() {
    return new WeightUses(
        List.copyOf(linear.values()),
        List.copyOf(inFloat32.values()),
        List.copyOf(tables.values()),
        List.copyOf(others.values()),
        cachedBias,
        norms.values().stream()
            .filter(this::folds)
            .map(n -> new NormFold(n.gain, n.shift, List.copyOf(n.layers.values())))
            .toList());
  }

  /** A layer behind two norms, or a norm and something else, cannot serve both. */
  private boolean folds(Norm norm) {
    return !norm.elsewhere
        && !norm.layers.isEmpty()
        && norm.layers.keySet().stream().allMatch(name -> seen(name).size() == 1);
  }

  private Set<Channels> seen(String layer) {
    return seenBy.computeIfAbsent(layer, name -> new HashSet<>());
  }

  private Channels normed(WeightTensor gain, @Nullable WeightTensor shift) {
    return new Channels(norms.computeIfAbsent(gain.name(), name -> new Norm(gain, shift)));
  }

  private Channels layer(
      Map<String, WeightTensor> role,
      Channels x,
      WeightTensor weight,
      @Nullable WeightTensor bias) {
    role.put(weight.name(), weight);
    seen(weight.name()).add(x);
    if (x.norm() != null) {
      x.norm().layers.put(weight.name(), weight);
    }
    return other(bias);
  }

  /** Values that something else than a linear layer sees. */
  private Channels used(@Nullable Channels... values) {
    for (Channels value : values) {
      if (value != null && value.norm() != null) {
        value.norm().elsewhere = true;
      }
    }
    return OTHERS;
  }

  private Channels other(@Nullable WeightTensor... tensors) {
    for (WeightTensor tensor : tensors) {
      if (tensor != null) {
        others.put(tensor.name(), tensor);
      }
    }
    return OTHERS;
  }

  @Override
  public Channels linear(Channels x, WeightTensor weight, @Nullable WeightTensor bias) {
    return layer(linear, x, weight, bias);
  }

  @Override
  public Channels linearInFloat32(Channels x, WeightTensor weight, @Nullable WeightTensor bias) {
    return layer(inFloat32, x, weight, bias);
  }

  @Override
  public Channels layerNorm(Channels x, WeightTensor weight, WeightTensor bias, double eps) {
    used(x);
    other(weight, bias);
    return normed(weight, bias);
  }

  @Override
  public Channels rmsNorm(Channels x, WeightTensor weight, double eps) {
    used(x);
    other(weight);
    return normed(weight, null);
  }

  @Override
  public Channels normalize(Channels x) {
    return used(x);
  }

  @Override
  public Channels geluTanh(Channels x) {
    return used(x);
  }

  @Override
  public Channels multiply(Channels a, Channels b) {
    return used(a, b);
  }

  @Override
  public Channels scale(Channels x, double factor) {
    return used(x);
  }

  @Override
  public Channels gelu(Channels x) {
    return used(x);
  }

  @Override
  public Channels silu(Channels x) {
    return used(x);
  }

  @Override
  public Channels rotate(Channels x, Channels positionIds, Rotary rotary) {
    return used(x);
  }

  @Override
  public Channels relu(Channels x) {
    return used(x);
  }

  @Override
  public Channels add(Channels a, Channels b) {
    return used(a, b);
  }

  @Override
  public Channels addParameter(Channels x, WeightTensor parameter) {
    other(parameter);
    return used(x);
  }

  @Override
  public Channels expand(WeightTensor parameter, Channels like) {
    return other(parameter);
  }

  @Override
  public Channels concat(Channels first, Channels second) {
    return first.equals(second) ? first : used(first, second);
  }

  @Override
  public List<Channels> split(Channels x, int parts) {
    return Collections.nCopies(parts, used(x));
  }

  @Override
  public Channels join(List<Channels> parts) {
    parts.forEach(this::used);
    return OTHERS;
  }

  @Override
  public List<Channels> splitHeads(Channels x, int heads, int parts) {
    return split(x, parts);
  }

  @Override
  public Channels patchEmbedding(Channels pixels, WeightTensor weight, WeightTensor bias) {
    return other(weight, bias);
  }

  @Override
  public Channels embedding(Channels ids, WeightTensor table, int offset) {
    tables.put(table.name(), table);
    return OTHERS;
  }

  @Override
  public Channels attention(Attended<Channels> x, Heads heads, @Nullable Channels bias) {
    return used(x.query(), x.key(), x.value());
  }

  @Override
  public Channels attentionWeights(Channels query, Channels key, Heads heads) {
    return used(query, key);
  }

  @Override
  public Channels cachedAttention(
      Attended<Channels> x, Heads heads, int layer, @Nullable Channels bias) {
    cachedBias |= bias != null;
    return used(x.query(), x.key(), x.value());
  }

  @Override
  public Channels memoryAttention(Channels query, Heads heads, int layer) {
    return used(query);
  }

  @Override
  public Channels relativeBias(Channels buckets, WeightTensor table) {
    return other(table);
  }

  @Override
  public Channels distanceBias(Channels distances, float[] slopes) {
    return distances;
  }

  @Override
  public Channels paddingBias(Channels mask) {
    return mask;
  }

  @Override
  public Channels lastPosition(Channels x) {
    return x;
  }

  @Override
  public Channels first(Channels x, int count) {
    return x;
  }

  @Override
  public Channels rest(Channels x, int count) {
    return x;
  }

  @Override
  public Channels behind(Channels x, Channels front) {
    return x;
  }

  @Override
  public Channels meanPosition(Channels x) {
    return x;
  }

  @Override
  public Channels fold(Channels x) {
    return x;
  }

  @Override
  public Channels unfold(Channels x, Channels like) {
    return x;
  }

  @Override
  public Channels noVectors(Channels like, int width) {
    return OTHERS;
  }

  @Override
  public Channels newestPosition() {
    return OTHERS;
  }

  @Override
  public Channels keyDistances() {
    return OTHERS;
  }

  @Override
  public Channels lookup(Channels list, Channels indices) {
    return list;
  }
}
