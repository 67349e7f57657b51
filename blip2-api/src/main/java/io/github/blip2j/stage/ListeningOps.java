package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Notes what linear layers are given, of one row that is read as a whole: attention to the cache is
 * attention to the same row under a bias that hides what comes later, and no position is left out.
 *
 * @param <T> what the interpreter beneath makes of a value
 */
final class ListeningOps<T> extends ForwardingOps<T> {
  /** Of a bias that is to hide and to change nothing else: no score notices it. */
  private static final float SLOPE = 1e-30f;

  private final T distances;
  private final Map<String, T> heard = new HashMap<>();
  private final Map<Integer, T> causal = new HashMap<>();
  private List<T> memory = List.of();

  /**
   * Listens.
   *
   * @param distances (1,T,T) of each key behind each query, negative for one that comes later
   */
  ListeningOps(Ops<T> ops, T distances) {
    super(ops);
    this.distances = distances;
  }

  /** Sets what attention to an encoder looks at: keys and values of each layer in turn. */
  void remember(List<T> keysAndValues) {
    memory = List.copyOf(keysAndValues);
  }

  /** What a layer was given first. */
  T heard(String layer) {
    return Objects.requireNonNull(heard.get(layer), layer);
  }

  @Override
  public T linear(T x, WeightTensor weight, @Nullable WeightTensor bias) {
    heard.putIfAbsent(weight.name(), x);
    return super.linear(x, weight, bias);
  }

  @Override
  public T linearInFloat32(T x, WeightTensor weight, @Nullable WeightTensor bias) {
    heard.putIfAbsent(weight.name(), x);
    return super.linearInFloat32(x, weight, bias);
  }

  @Override
  public T cachedAttention(Attended<T> x, Heads heads, int layer, @Nullable T bias) {
    Attended<T> all =
        new Attended<>(x.query(), forEachHead(x.key(), heads), forEachHead(x.value(), heads));
    T added = bias == null ? causal.computeIfAbsent(heads.count(), this::causal) : bias;
    return attention(all, Heads.of(heads.count(), heads.scale()), added);
  }

  private T causal(int heads) {
    float[] slopes = new float[heads];
    Arrays.fill(slopes, SLOPE);
    return distanceBias(distances, slopes);
  }

  /** Keys or values (1,T,G·d) once for each of the H query heads that share them. */
  private T forEachHead(T x, Heads heads) {
    if (heads.keyValues() == heads.count()) {
      return x;
    }
    List<T> all = new ArrayList<>();
    for (T shared : split(x, heads.keyValues())) {
      all.addAll(Collections.nCopies(heads.count() / heads.keyValues(), shared));
    }
    return join(all);
  }

  @Override
  public T memoryAttention(T query, Heads heads, int layer) {
    return attention(
        new Attended<>(query, memory.get(2 * layer), memory.get(2 * layer + 1)), heads, null);
  }

  @Override
  public T lastPosition(T x) {
    return x;
  }
}
