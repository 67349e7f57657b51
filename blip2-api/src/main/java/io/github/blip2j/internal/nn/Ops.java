package io.github.blip2j.internal.nn;

import io.github.blip2j.checkpoint.WeightTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The neural operations of which the forward passes are written. {@code T} is what an interpreter
 * makes of a value: a name in a graph, a variable of a program, or an array of numbers.
 *
 * <p>Values have three axes (B, T, D) unless a method says otherwise. All arithmetic is float32
 * unless an interpreter was asked for another precision.
 */
public interface Ops<T> {
  /**
   * x·Wᵀ + b.
   *
   * @param x (B,T,in)
   * @param weight (out,in)
   * @param bias (out), or none
   * @return (B,T,out)
   */
  T linear(T x, WeightTensor weight, @Nullable WeightTensor bias);

  /**
   * Layer norm over the last axis.
   *
   * @param x (B,T,D)
   * @param weight (D)
   * @param bias (D)
   * @return (B,T,D)
   */
  T layerNorm(T x, WeightTensor weight, WeightTensor bias, double eps);

  /** x·Φ(x) with the exact error function; the shape of {@code x}. */
  T gelu(T x);

  /** max(x, 0); the shape of {@code x}. */
  T relu(T x);

  /** a + b, of one shape. */
  T add(T a, T b);

  /**
   * A stored tensor added to every batch row.
   *
   * @param x (B,T,D)
   * @param parameter (1,T,D)
   * @return (B,T,D)
   */
  T addParameter(T x, WeightTensor parameter);

  /**
   * A stored tensor repeated for every batch row of another value.
   *
   * @param parameter (1,T,D)
   * @param like (B,…)
   * @return (B,T,D)
   */
  T expand(WeightTensor parameter, T like);

  /**
   * Joins along the second axis.
   *
   * @param first (B,T,D)
   * @param second (B,U,D)
   * @return (B,T+U,D)
   */
  T concat(T first, T second);

  /**
   * Cuts the last axis into equal parts.
   *
   * @param x (B,T,parts·D)
   * @return {@code parts} values (B,T,D)
   */
  List<T> split(T x, int parts);

  /**
   * Convolution without overlap, patches in row-major order.
   *
   * @param pixels (B,3,side,side)
   * @param weight (E,3,patch,patch)
   * @param bias (E)
   * @return (B,patches,E)
   */
  T patchEmbedding(T pixels, WeightTensor weight, WeightTensor bias);

  /**
   * Rows of a table.
   *
   * @param ids (B,T) integers
   * @param table (V,D)
   * @param offset is added to every id
   * @return (B,T,D)
   */
  T embedding(T ids, WeightTensor table, int offset);

  /**
   * softmax(scale·QKᵀ)V for each head; every query sees every key.
   *
   * @param query (B,T,D)
   * @param key (B,S,D)
   * @param value (B,S,D)
   * @return (B,T,D)
   */
  T attention(T query, T key, T value, int heads, double scale);

  /**
   * The same with the session's cache: keys and values are appended to it in place, and a query at
   * position p sees the keys at positions 0 to p of its row.
   *
   * @param query (B,T,D) of the new positions
   * @param key (B,T,D)
   * @param value (B,T,D)
   * @param layer which of the session's caches
   * @return (B,T,D)
   */
  T cachedAttention(T query, T key, T value, int heads, double scale, int layer);

  /**
   * The last real position of each row.
   *
   * @param x (B,T,D)
   * @return (B,1,D)
   */
  T lastPosition(T x);
}
