package io.github.blip2j.testkit;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Rotary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Interprets the model text over arrays, in double precision and with nothing clever: the oracle.
 * Each operation checks the shapes that {@link Ops} promises.
 */
class ArrayOps implements Ops<ArrayValue> {
  private final ArrayWeights weights;

  ArrayOps() {
    this(new ArrayWeights());
  }

  /** Operations over weights that others have read. */
  ArrayOps(ArrayWeights weights) {
    this.weights = weights;
  }

  private float[] floats(WeightTensor tensor) {
    return weights.floats(tensor);
  }

  @Override
  public ArrayValue linear(ArrayValue x, WeightTensor weight, @Nullable WeightTensor bias) {
    int in = weight.size(1);
    int out = weight.size(0);
    x.requireShape("linear", x.batch(), x.length(), in);
    double[] w = weights.columns(weight);
    float[] b = bias == null ? new float[out] : floats(bias);
    ArrayValue y = ArrayValue.zeros(x.batch(), x.length(), out);
    double[] sums = new double[out];
    for (int row = 0; row < x.batch() * x.length(); row++) {
      for (int o = 0; o < out; o++) {
        sums[o] = b[o];
      }
      for (int i = 0; i < in; i++) {
        double value = x.data()[row * in + i];
        for (int o = 0; o < out; o++) {
          sums[o] += value * w[i * out + o];
        }
      }
      System.arraycopy(sums, 0, y.data(), row * out, out);
    }
    return y;
  }

  @Override
  public ArrayValue layerNorm(ArrayValue x, WeightTensor weight, WeightTensor bias, double eps) {
    int d = weight.size(0);
    x.requireShape("layerNorm", x.batch(), x.length(), d);
    float[] w = floats(weight);
    float[] b = floats(bias);
    ArrayValue y = ArrayValue.zeros(x.shape());
    for (int row = 0; row < x.batch() * x.length(); row++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < d; i++) {
        mean += x.data()[row * d + i] / d;
      }
      for (int i = 0; i < d; i++) {
        square += Math.pow(x.data()[row * d + i] - mean, 2) / d;
      }
      for (int i = 0; i < d; i++) {
        double normal = (x.data()[row * d + i] - mean) / Math.sqrt(square + eps);
        y.data()[row * d + i] = normal * w[i] + b[i];
      }
    }
    return y;
  }

  private static ArrayValue map(ArrayValue x, DoubleUnaryOperator f) {
    return new ArrayValue(java.util.Arrays.stream(x.data()).map(f).toArray(), x.shape());
  }

  @Override
  public ArrayValue gelu(ArrayValue x) {
    return map(x, v -> v * 0.5 * (1 + erf(v / Math.sqrt(2))));
  }

  /**
   * Maclaurin series, which converges everywhere; beyond 6 the function is 1 to double precision.
   */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return sum * 2 / Math.sqrt(Math.PI);
  }

  @Override
  public ArrayValue silu(ArrayValue x) {
    return map(x, v -> v / (1 + Math.exp(-v)));
  }

  /** Positions are given as (B,T,1). */
  @Override
  public ArrayValue rotate(ArrayValue x, ArrayValue positionIds, Rotary rotary) {
    positionIds.requireShape("position ids", x.batch(), x.length(), 1);
    float[] frequencies = rotary.frequencies();
    int half = frequencies.length;
    ArrayValue y = ArrayValue.zeros(x.shape());
    for (int b = 0; b < x.batch(); b++) {
      for (int t = 0; t < x.length(); t++) {
        for (int d = 0; d < x.width(); d++) {
          double angle = positionIds.at(b, t, 0) * frequencies[d % half];
          boolean first = d / half % 2 == 0;
          double other = first ? -x.at(b, t, d + half) : x.at(b, t, d - half);
          y.set(b, t, d, x.at(b, t, d) * Math.cos(angle) + other * Math.sin(angle));
        }
      }
    }
    return y;
  }

  @Override
  public ArrayValue relu(ArrayValue x) {
    return map(x, v -> Math.max(v, 0));
  }

  @Override
  public ArrayValue add(ArrayValue a, ArrayValue b) {
    b.requireShape("add", a.shape());
    ArrayValue sum = ArrayValue.zeros(a.shape());
    for (int i = 0; i < sum.data().length; i++) {
      sum.data()[i] = a.data()[i] + b.data()[i];
    }
    return sum;
  }

  @Override
  public ArrayValue addParameter(ArrayValue x, WeightTensor parameter) {
    return add(x, expand(parameter, x));
  }

  @Override
  public ArrayValue expand(WeightTensor parameter, ArrayValue like) {
    float[] p = floats(parameter);
    ArrayValue y = ArrayValue.zeros(like.batch(), parameter.size(1), parameter.size(2));
    for (int i = 0; i < y.data().length; i++) {
      y.data()[i] = p[i % p.length];
    }
    return y;
  }

  @Override
  public ArrayValue concat(ArrayValue first, ArrayValue second) {
    second.requireShape("concat", first.batch(), second.length(), first.width());
    int length = first.length() + second.length();
    ArrayValue y = ArrayValue.zeros(first.batch(), length, first.width());
    for (int b = 0; b < y.batch(); b++) {
      for (int t = 0; t < length; t++) {
        for (int d = 0; d < y.width(); d++) {
          boolean left = t < first.length();
          y.set(b, t, d, left ? first.at(b, t, d) : second.at(b, t - first.length(), d));
        }
      }
    }
    return y;
  }

  @Override
  public List<ArrayValue> split(ArrayValue x, int parts) {
    int width = x.width() / parts;
    List<ArrayValue> list = new ArrayList<>();
    for (int p = 0; p < parts; p++) {
      ArrayValue y = ArrayValue.zeros(x.batch(), x.length(), width);
      for (int b = 0; b < x.batch(); b++) {
        for (int t = 0; t < x.length(); t++) {
          for (int d = 0; d < width; d++) {
            y.set(b, t, d, x.at(b, t, p * width + d));
          }
        }
      }
      list.add(y);
    }
    return list;
  }

  @Override
  public ArrayValue join(List<ArrayValue> parts) {
    return ArrayValue.joined(parts);
  }

  @Override
  public List<ArrayValue> splitHeads(ArrayValue x, int heads, int parts) {
    int width = x.width() / heads / parts;
    List<ArrayValue> list = new ArrayList<>();
    for (int p = 0; p < parts; p++) {
      ArrayValue y = ArrayValue.zeros(x.batch(), x.length(), heads * width);
      for (int b = 0; b < x.batch(); b++) {
        for (int t = 0; t < x.length(); t++) {
          for (int d = 0; d < y.width(); d++) {
            y.set(b, t, d, x.at(b, t, (d / width * parts + p) * width + d % width));
          }
        }
      }
      list.add(y);
    }
    return list;
  }

  /** Pixels are given as (B, 3·side, side). */
  @Override
  public ArrayValue patchEmbedding(ArrayValue pixels, WeightTensor weight, WeightTensor bias) {
    int side = pixels.width();
    pixels.requireShape("pixels", pixels.batch(), 3 * side, side);
    int patch = weight.size(3);
    int grid = side / patch;
    float[] w = floats(weight);
    float[] b = floats(bias);
    ArrayValue y = ArrayValue.zeros(pixels.batch(), grid * grid, weight.size(0));
    for (int n = 0; n < pixels.batch(); n++) {
      for (int at = 0; at < grid * grid; at++) {
        for (int e = 0; e < y.width(); e++) {
          double sum = b[e];
          for (int i = 0; i < 3 * patch * patch; i++) {
            int row = i / (patch * patch) * side + at / grid * patch + i / patch % patch;
            sum += pixels.at(n, row, at % grid * patch + i % patch) * w[e * 3 * patch * patch + i];
          }
          y.set(n, at, e, sum);
        }
      }
    }
    return y;
  }

  /** Ids are given as (B, T, 1). */
  @Override
  public ArrayValue embedding(ArrayValue ids, WeightTensor table, int offset) {
    float[] rows = floats(table);
    int width = table.size(1);
    ArrayValue y = ArrayValue.zeros(ids.batch(), ids.length(), width);
    for (int i = 0; i < ids.data().length; i++) {
      for (int d = 0; d < width; d++) {
        y.data()[i * width + d] = rows[((int) ids.data()[i] + offset) * width + d];
      }
    }
    return y;
  }

  @Override
  public ArrayValue attention(Attended<ArrayValue> x, Heads heads, @Nullable ArrayValue bias) {
    ArrayValue query = x.query();
    ArrayValue key = x.key();
    key.requireShape("keys", query.batch(), key.length(), query.width());
    x.value().requireShape("values", key.shape());
    ArrayValue y = ArrayValue.zeros(query.shape());
    ArrayAttention attention = new ArrayAttention(x, y, heads, bias);
    for (int b = 0; b < query.batch(); b++) {
      for (int t = 0; t < query.length(); t++) {
        attention.attend(b, b, t, key.length());
      }
    }
    return y;
  }

  @Override
  public ArrayValue attentionWeights(ArrayValue query, ArrayValue key, Heads heads) {
    key.requireShape("keys", query.batch(), key.length(), query.width());
    ArrayValue y = ArrayValue.zeros(query.batch(), heads.count() * query.length(), key.length());
    Attended<ArrayValue> x = new Attended<>(query, key, key);
    ArrayAttention attention = new ArrayAttention(x, y, heads, null);
    for (int b = 0; b < y.batch(); b++) {
      for (int at = 0; at < y.length(); at++) {
        ArrayAttention.Pair pair = new ArrayAttention.Pair(b, b, at % query.length());
        double[] weights = attention.weights(pair, key.length(), at / query.length());
        for (int s = 0; s < y.width(); s++) {
          y.set(b, at, s, weights[s]);
        }
      }
    }
    return y;
  }

  /** Buckets are given as (B,T,S); the bias is (B,H·T,S). */
  @Override
  public ArrayValue relativeBias(ArrayValue buckets, WeightTensor table) {
    float[] rows = floats(table);
    int heads = table.size(1);
    int length = buckets.length();
    ArrayValue bias = ArrayValue.zeros(buckets.batch(), heads * length, buckets.width());
    for (int b = 0; b < bias.batch(); b++) {
      for (int at = 0; at < bias.length(); at++) {
        for (int s = 0; s < bias.width(); s++) {
          int bucket = (int) buckets.at(b, at % length, s);
          double there = bucket < 0 ? 0 : rows[bucket * heads + at / length];
          bias.set(b, at, s, bucket < 0 ? Double.NEGATIVE_INFINITY : there);
        }
      }
    }
    return bias;
  }

  /** Distances are given as (B,T,S); the bias is (B,H·T,S). */
  @Override
  public ArrayValue distanceBias(ArrayValue distances, float[] slopes) {
    int length = distances.length();
    ArrayValue bias =
        ArrayValue.zeros(distances.batch(), slopes.length * length, distances.width());
    for (int b = 0; b < bias.batch(); b++) {
      for (int at = 0; at < bias.length(); at++) {
        for (int s = 0; s < bias.width(); s++) {
          double far = distances.at(b, at % length, s);
          double seen = -slopes[at / length] * far;
          bias.set(b, at, s, far < 0 ? Double.NEGATIVE_INFINITY : seen);
        }
      }
    }
    return bias;
  }

  /** The mask is given as (B,S,1); the bias is (B,S,S). */
  @Override
  public ArrayValue paddingBias(ArrayValue mask) {
    ArrayValue bias = ArrayValue.zeros(mask.batch(), mask.length(), mask.length());
    for (int b = 0; b < bias.batch(); b++) {
      for (int t = 0; t < bias.length(); t++) {
        for (int s = 0; s < bias.width(); s++) {
          bias.set(b, t, s, mask.at(b, s, 0) == 0 ? Double.NEGATIVE_INFINITY : 0);
        }
      }
    }
    return bias;
  }

  @Override
  public ArrayValue rmsNorm(ArrayValue x, WeightTensor weight, double eps) {
    int d = weight.size(0);
    x.requireShape("rmsNorm", x.batch(), x.length(), d);
    float[] w = floats(weight);
    ArrayValue y = ArrayValue.zeros(x.shape());
    for (int row = 0; row < x.batch() * x.length(); row++) {
      double square = 0;
      for (int i = 0; i < d; i++) {
        square += Math.pow(x.data()[row * d + i], 2) / d;
      }
      for (int i = 0; i < d; i++) {
        y.data()[row * d + i] = x.data()[row * d + i] / Math.sqrt(square + eps) * w[i];
      }
    }
    return y;
  }

  @Override
  public ArrayValue normalize(ArrayValue x) {
    int d = x.width();
    ArrayValue y = ArrayValue.zeros(x.shape());
    for (int row = 0; row < x.batch() * x.length(); row++) {
      double square = 0;
      for (int i = 0; i < d; i++) {
        square += Math.pow(x.data()[row * d + i], 2);
      }
      for (int i = 0; i < d; i++) {
        y.data()[row * d + i] = x.data()[row * d + i] / Math.max(Math.sqrt(square), 1e-12);
      }
    }
    return y;
  }

  @Override
  public ArrayValue geluTanh(ArrayValue x) {
    return map(
        x, v -> 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))));
  }

  @Override
  public ArrayValue multiply(ArrayValue a, ArrayValue b) {
    b.requireShape("multiply", a.shape());
    ArrayValue y = ArrayValue.zeros(a.shape());
    for (int i = 0; i < y.data().length; i++) {
      y.data()[i] = a.data()[i] * b.data()[i];
    }
    return y;
  }

  @Override
  public ArrayValue scale(ArrayValue x, double factor) {
    return map(x, v -> factor * v);
  }

  @Override
  public ArrayValue first(ArrayValue x, int count) {
    return x.positions(0, count);
  }

  @Override
  public ArrayValue rest(ArrayValue x, int count) {
    return x.positions(count, x.length() - count);
  }

  @Override
  public ArrayValue behind(ArrayValue x, ArrayValue front) {
    return rest(x, front.length());
  }

  @Override
  public ArrayValue meanPosition(ArrayValue x) {
    ArrayValue y = ArrayValue.zeros(x.batch(), 1, x.width());
    for (int b = 0; b < x.batch(); b++) {
      for (int t = 0; t < x.length(); t++) {
        for (int d = 0; d < x.width(); d++) {
          y.set(b, 0, d, y.at(b, 0, d) + x.at(b, t, d) / x.length());
        }
      }
    }
    return y;
  }

  @Override
  public ArrayValue fold(ArrayValue x) {
    return new ArrayValue(x.data(), 1, x.batch() * x.length(), x.width());
  }

  @Override
  public ArrayValue unfold(ArrayValue x, ArrayValue like) {
    return new ArrayValue(x.data(), like.batch(), like.length(), x.width());
  }

  @Override
  public ArrayValue cachedAttention(
      Attended<ArrayValue> x, Heads heads, int layer, @Nullable ArrayValue bias) {
    throw new IllegalStateException("only a session has a cache");
  }

  @Override
  public ArrayValue memoryAttention(ArrayValue query, Heads heads, int layer) {
    throw new IllegalStateException("only a session has a memory");
  }

  @Override
  public ArrayValue lastPosition(ArrayValue x) {
    throw new IllegalStateException("only a session has rows");
  }

  @Override
  public ArrayValue noVectors(ArrayValue like, int width) {
    return ArrayValue.zeros(like.batch(), 0, width);
  }

  @Override
  public ArrayValue newestPosition() {
    throw new IllegalStateException("only a session has rows");
  }

  @Override
  public ArrayValue keyDistances() {
    throw new IllegalStateException("only a session has rows");
  }

  /** The list is given as (1,C,1). */
  @Override
  public ArrayValue lookup(ArrayValue list, ArrayValue indices) {
    return map(indices, i -> list.at(0, (int) i, 0));
  }
}
