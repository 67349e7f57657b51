package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An interpreter that leaves everything to another: for those that see or change a few operations.
 *
 * @param <T> what the other makes of a value
 */
class ForwardingOps<T> implements Ops<T> {
  private final Ops<T> ops;

  /** Over another interpreter. */
  ForwardingOps(Ops<T> ops) {
    this.ops = ops;
  }

  @Override
  public T linear(T x, WeightTensor weight, @Nullable WeightTensor bias) {
    return ops.linear(x, weight, bias);
  }

  @Override
  public T linearInFloat32(T x, WeightTensor weight, @Nullable WeightTensor bias) {
    return ops.linearInFloat32(x, weight, bias);
  }

  @Override
  public T layerNorm(T x, WeightTensor weight, WeightTensor bias, double eps) {
    return ops.layerNorm(x, weight, bias, eps);
  }

  @Override
  public T rmsNorm(T x, WeightTensor weight, double eps) {
    return ops.rmsNorm(x, weight, eps);
  }

  @Override
  public T normalize(T x) {
    return ops.normalize(x);
  }

  @Override
  public T geluTanh(T x) {
    return ops.geluTanh(x);
  }

  @Override
  public T multiply(T a, T b) {
    return ops.multiply(a, b);
  }

  @Override
  public T scale(T x, double factor) {
    return ops.scale(x, factor);
  }

  @Override
  public T gelu(T x) {
    return ops.gelu(x);
  }

  @Override
  public T silu(T x) {
    return ops.silu(x);
  }

  @Override
  public T rotate(T x, T positionIds, Rotary rotary) {
    return ops.rotate(x, positionIds, rotary);
  }

  @Override
  public T relu(T x) {
    return ops.relu(x);
  }

  @Override
  public T add(T a, T b) {
    return ops.add(a, b);
  }

  @Override
  public T addParameter(T x, WeightTensor parameter) {
    return ops.addParameter(x, parameter);
  }

  @Override
  public T expand(WeightTensor parameter, T like) {
    return ops.expand(parameter, like);
  }

  @Override
  public T concat(T first, T second) {
    return ops.concat(first, second);
  }

  @Override
  public List<T> split(T x, int parts) {
    return ops.split(x, parts);
  }

  @Override
  public T join(List<T> parts) {
    return ops.join(parts);
  }

  @Override
  public List<T> splitHeads(T x, int heads, int parts) {
    return ops.splitHeads(x, heads, parts);
  }

  @Override
  public T patchEmbedding(T pixels, WeightTensor weight, WeightTensor bias) {
    return ops.patchEmbedding(pixels, weight, bias);
  }

  @Override
  public T embedding(T ids, WeightTensor table, int offset) {
    return ops.embedding(ids, table, offset);
  }

  @Override
  public T attention(Attended<T> x, Heads heads, @Nullable T bias) {
    return ops.attention(x, heads, bias);
  }

  @Override
  public T cachedAttention(Attended<T> x, Heads heads, int layer, @Nullable T bias) {
    return ops.cachedAttention(x, heads, layer, bias);
  }

  @Override
  public T memoryAttention(T query, Heads heads, int layer) {
    return ops.memoryAttention(query, heads, layer);
  }

  @Override
  public T attentionWeights(T query, T key, Heads heads) {
    return ops.attentionWeights(query, key, heads);
  }

  @Override
  public T relativeBias(T buckets, WeightTensor table) {
    return ops.relativeBias(buckets, table);
  }

  @Override
  public T distanceBias(T distances, float[] slopes) {
    return ops.distanceBias(distances, slopes);
  }

  @Override
  public T paddingBias(T mask) {
    return ops.paddingBias(mask);
  }

  @Override
  public T lastPosition(T x) {
    return ops.lastPosition(x);
  }

  @Override
  public T first(T x, int count) {
    return ops.first(x, count);
  }

  @Override
  public T rest(T x, int count) {
    return ops.rest(x, count);
  }

  @Override
  public T behind(T x, T front) {
    return ops.behind(x, front);
  }

  @Override
  public T meanPosition(T x) {
    return ops.meanPosition(x);
  }

  @Override
  public T fold(T x) {
    return ops.fold(x);
  }

  @Override
  public T unfold(T x, T like) {
    return ops.unfold(x, like);
  }

  @Override
  public T noVectors(T like, int width) {
    return ops.noVectors(like, width);
  }

  @Override
  public T newestPosition() {
    return ops.newestPosition();
  }

  @Override
  public T keyDistances() {
    return ops.keyDistances();
  }

  @Override
  public T lookup(T list, T indices) {
    return ops.lookup(list, indices);
  }
}
