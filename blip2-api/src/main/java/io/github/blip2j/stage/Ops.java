package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The neural operations of which the forward passes are written. {@code T} is what an interpreter
 * makes of a value: a name in a graph, a variable of a program, or an array of numbers.
 *
 * <p>Values have three axes (B, T, D) unless a method says otherwise. All arithmetic is float32
 * unless an interpreter was asked for another precision.
 *
 * @param <T> a value
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
   * {@link #linear} that is computed in float32 whatever the precision: for layers whose values
   * overflow narrower ones.
   *
   * @param x (B,T,in)
   * @param weight (out,in)
   * @param bias (out), or none
   * @return (B,T,out)
   */
  default T linearInFloat32(T x, WeightTensor weight, @Nullable WeightTensor bias) {
    return linear(x, weight, bias);
  }

  /**
   * Layer norm over the last axis.
   *
   * @param x (B,T,D)
   * @param weight (D)
   * @param bias (D)
   * @param eps is added to the variance
   * @return (B,T,D)
   */
  T layerNorm(T x, WeightTensor weight, WeightTensor bias, double eps);

  /**
   * x/√(mean(x²) + eps)·w over the last axis.
   *
   * @param x (B,T,D)
   * @param weight (D)
   * @param eps is added to the mean of squares
   * @return (B,T,D)
   */
  T rmsNorm(T x, WeightTensor weight, double eps);

  /**
   * x/max(‖x‖, 1e-12) over the last axis.
   *
   * @param x (B,T,D)
   * @return (B,T,D)
   */
  T normalize(T x);

  /**
   * GELU by its tanh formula (Hendrycks and Gimpel 2016).
   *
   * @param x of any shape
   * @return the shape of {@code x}
   */
  T geluTanh(T x);

  /**
   * a · b, element by element.
   *
   * @param a of any shape
   * @param b of the same
   * @return their shape
   */
  T multiply(T a, T b);

  /**
   * x times a number.
   *
   * @param x of any shape
   * @param factor multiplies each element
   * @return the shape of {@code x}
   */
  T scale(T x, double factor);

  /**
   * x·Φ(x) with the exact error function.
   *
   * @param x of any shape
   * @return the shape of {@code x}
   */
  T gelu(T x);

  /**
   * x·σ(x), with the logistic function.
   *
   * @param x of any shape
   * @return the shape of {@code x}
   */
  T silu(T x);

  /**
   * Rotary positions (Su et al. 2021): the halves (a|b) of each head's vector become (a·cos − b·sin
   * | b·cos + a·sin), pair by pair.
   *
   * @param x (B,T,H·d)
   * @param positionIds integers (B,T)
   * @param rotary the angles of each position, and d
   * @return (B,T,H·d)
   */
  T rotate(T x, T positionIds, Rotary rotary);

  /**
   * max(x, 0).
   *
   * @param x of any shape
   * @return the shape of {@code x}
   */
  T relu(T x);

  /**
   * a + b, element by element.
   *
   * @param a of any shape
   * @param b of the same
   * @return their shape
   */
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
   * @param parts how many
   * @return {@code parts} values (B,T,D)
   */
  List<T> split(T x, int parts);

  /**
   * Joins along the last axis; undoes {@link #split}.
   *
   * @param parts values (B,T,D), at least one
   * @return (B,T,parts·D)
   */
  T join(List<T> parts);

  /**
   * Cuts what each head has of the last axis into equal parts.
   *
   * @param x (B,T,H·parts·d), the parts of a head one behind another
   * @param heads H
   * @param parts how many
   * @return {@code parts} values (B,T,H·d)
   */
  List<T> splitHeads(T x, int heads, int parts);

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
   * softmax(scale·QKᵀ + bias)V for each head; every query sees every key.
   *
   * @param x queries (B,T,H·d), keys and values (B,S,H·d)
   * @param heads as many for keys and values as for queries
   * @param bias (B or 1, H or 1, T, S) from {@link #relativeBias} or {@link #paddingBias}, or none
   * @return (B,T,H·d)
   */
  T attention(Attended<T> x, Heads heads, @Nullable T bias);

  /**
   * The same with the session's cache: keys and values are appended to it in place, and a query at
   * position p sees the keys at positions 0 to p of its row. Query heads share a key/value head
   * where there are fewer of these, neighbours the same one.
   *
   * @param x queries (B,T,H·d), keys and values (B,T,G·d) of the new positions, G key/value heads
   * @param heads of the queries, H, and of keys and values, G
   * @param layer which of the session's caches
   * @param bias (B,H,T,S) from {@link #relativeBias} over all S keys so far, or none
   * @return (B,T,H·d)
   */
  T cachedAttention(Attended<T> x, Heads heads, int layer, @Nullable T bias);

  /**
   * softmax(scale·QKᵀ)V over what the session's encoder read for the row.
   *
   * @param query (B,T,H·d)
   * @param heads as many for keys and values as for queries
   * @param layer which of the session's memories
   * @return (B,T,H·d)
   */
  T memoryAttention(T query, Heads heads, int layer);

  /**
   * softmax(scale·QKᵀ) for each head: how much each query looks at each key in {@link #attention}
   * without a bias.
   *
   * @param query (B,T,H·d)
   * @param key (B,S,H·d)
   * @param heads as many for keys as for queries
   * @return (B,H·T,S), the heads one behind another; each row sums to 1
   */
  T attentionWeights(T query, T key, Heads heads);

  /**
   * Queries, keys and values of an attention layer.
   *
   * @param <T> a value
   * @param query what looks
   * @param key what is compared with it
   * @param value what is seen
   */
  record Attended<T>(T query, T key, T value) {}

  /**
   * T5's position bias.
   *
   * @param buckets (B,T,S) numbers of relative positions, −1 for a key that is not to be seen
   * @param table (buckets,H)
   * @return a bias (B,H,T,S)
   */
  T relativeBias(T buckets, WeightTensor table);

  /**
   * A bias that falls with the distance (ALiBi; Press et al. 2022): −slope · distance.
   *
   * @param distances integers (B,T,S), negative for a key that is not to be seen
   * @param slopes of each head (H), above 0
   * @return a bias (B,H,T,S)
   */
  T distanceBias(T distances, float[] slopes);

  /**
   * Hides padding from self-attention.
   *
   * @param mask (B,S) 1 for what is there, 0 for padding
   * @return a bias (B,1,S,S)
   */
  T paddingBias(T mask);

  /**
   * The last real position of each row.
   *
   * @param x (B,T,D)
   * @return (B,1,D)
   */
  T lastPosition(T x);

  /**
   * The first positions.
   *
   * @param x (B,T,D)
   * @param count of positions, at most T
   * @return (B,count,D)
   */
  T first(T x, int count);

  /**
   * All but the first positions.
   *
   * @param x (B,T,D)
   * @param count of positions that are left out, at most T
   * @return (B,T−count,D)
   */
  T rest(T x, int count);

  /**
   * All but as many of the first positions as another value has.
   *
   * @param x (B,F+T,D)
   * @param front (B,F,·)
   * @return (B,T,D)
   */
  T behind(T x, T front);

  /**
   * The mean over the positions.
   *
   * @param x (B,T,D)
   * @return (B,1,D)
   */
  T meanPosition(T x);

  /**
   * All rows as one.
   *
   * @param x (B,T,D)
   * @return (1,B·T,D)
   */
  T fold(T x);

  /**
   * Undoes {@link #fold}.
   *
   * @param x (1,B·T,D)
   * @param like (B,T,·)
   * @return (B,T,D)
   */
  T unfold(T x, T like);

  /**
   * No vectors, for a step whose text has none in front.
   *
   * @param like (B,…)
   * @param width of a vector
   * @return (B,0,width)
   */
  T noVectors(T like, int width);

  /**
   * Where each row's last vector stands, of a step of one vector a row.
   *
   * @return integers (B,1), position ids
   */
  T newestPosition();

  /**
   * How far each key of the longest row lies behind each row's last vector, of a step of one vector
   * a row.
   *
   * @return integers (B,1,S); negative for keys that the row does not have
   */
  T keyDistances();

  /**
   * Elements of a list.
   *
   * @param list integers (C)
   * @param indices integers, each below C
   * @return integers in the shape of {@code indices}
   */
  T lookup(T list, T indices);
}
