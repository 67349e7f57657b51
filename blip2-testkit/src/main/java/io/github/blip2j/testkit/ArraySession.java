package io.github.blip2j.testkit;

import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.CachedSession;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.RowStore;
import io.github.blip2j.internal.session.SessionCount;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A session of the oracle. Every third guess of its draft is wrong. */
final class ArraySession extends CachedSession<ArraySession.Cache, ArrayLanguage.Memory> {
  private final ArrayLanguage language;
  private final boolean drafts;
  private int guesses;

  private ArraySession(
      TextConfig config,
      ArrayLanguage language,
      SessionCount sessions,
      boolean drafts,
      Lengths lengths,
      Cache cache) {
    super(config, lengths, cache, sessions);
    this.language = language;
    this.drafts = drafts;
  }

  static ArraySession open(
      TextConfig config,
      ArrayLanguage language,
      SessionCount sessions,
      boolean drafts,
      int rows,
      int capacity) {
    Lengths lengths = new Lengths(config, rows, capacity);
    ArrayValue[] layers = new ArrayValue[2 * config.layers()];
    int width = config.heads() * config.headWidth();
    Arrays.setAll(layers, i -> ArrayValue.zeros(rows, capacity, width));
    return new ArraySession(config, language, sessions, drafts, lengths, new Cache(layers));
  }

  @Override
  protected ArrayLanguage.Memory read(T5Config t5, float[] features, Lengths.Step what) {
    return language.read(ArrayValue.of(features, rows(), what.features(), t5.hiddenSize()), what);
  }

  @Override
  protected void run(
      Lengths.Step step, float[] features, int[][] tokens, float[] logits, boolean guessing) {
    if (guessing && !drafts) {
      throw new UnsupportedOperationException("loaded without a draft");
    }
    ArrayValue x = ArrayValue.of(features, rows(), step.features(), config().hiddenSize());
    float[] scores = language.write(new Ops(step), x, step).floats();
    System.arraycopy(scores, 0, logits, 0, step.lastRows().length * config().vocabularySize());
    if (guessing && ++guesses % 3 == 0) {
      logits[guesses % config().vocabularySize()] = 1e9f;
    }
  }

  private final class Ops extends ArrayOps {
    private final Lengths.Step step;

    Ops(Lengths.Step step) {
      this.step = step;
    }

    @Override
    public ArrayValue cachedAttention(
        ArrayValue query,
        ArrayValue key,
        ArrayValue value,
        int heads,
        double scale,
        int layer,
        @Nullable ArrayValue bias) {
      ArrayValue keys = cache().layers[2 * layer];
      ArrayValue values = cache().layers[2 * layer + 1];
      ArrayValue y = ArrayValue.zeros(query.shape());
      Attention attention = new Attention(query, keys, values, y, heads, scale, bias);
      for (int b = 0; b < rows(); b++) {
        for (int t = 0; t < step.span(); t++) {
          int place = length(b) + t;
          if (place >= step.ends()[b]) {
            continue; // padding
          }
          for (int d = 0; d < query.width(); d++) {
            keys.set(b, place, d, key.at(b, t, d));
            values.set(b, place, d, value.at(b, t, d));
          }
          attention.attend(b, b, t, place + 1);
        }
      }
      return y;
    }

    @Override
    public ArrayValue memoryAttention(ArrayValue query, int heads, double scale, int layer) {
      ArrayLanguage.Memory read = Objects.requireNonNull(memory());
      ArrayValue y = ArrayValue.zeros(query.shape());
      ArrayValue keys = read.keys().get(layer);
      ArrayValue values = read.values().get(layer);
      Attention attention = new Attention(query, keys, values, y, heads, scale, null);
      for (int b = 0; b < rows(); b++) {
        int prompt = memoryRows().prompt()[b];
        for (int t = 0; t < query.length(); t++) {
          attention.attend(b, prompt, t, read.lengths()[prompt]);
        }
      }
      return y;
    }

    @Override
    public ArrayValue lastPosition(ArrayValue x) {
      long[] wanted = step.lastRows();
      ArrayValue y = ArrayValue.zeros(wanted.length, 1, x.width());
      for (int i = 0; i < wanted.length; i++) {
        int from = (int) wanted[i] * x.width();
        System.arraycopy(x.data(), from, y.data(), i * x.width(), x.width());
      }
      return y;
    }
  }

  /** Keys and values of each layer as arrays (rows, capacity, d); rows beyond are room. */
  static final class Cache implements RowStore {
    private final ArrayValue[] layers;

    Cache(ArrayValue[] layers) {
      this.layers = layers;
    }

    @Override
    public void reserve(int rows) {
      for (int i = 0; i < layers.length; i++) {
        if (layers[i].batch() < rows) {
          ArrayValue larger = ArrayValue.zeros(rows, layers[i].length(), layers[i].width());
          System.arraycopy(layers[i].data(), 0, larger.data(), 0, layers[i].data().length);
          layers[i] = larger;
        }
      }
    }

    @Override
    public void copy(int from, int to, int start, int end) {
      for (ArrayValue c : layers) {
        int row = c.length() * c.width();
        int width = c.width();
        System.arraycopy(
            c.data(),
            from * row + start * width,
            c.data(),
            to * row + start * width,
            (end - start) * width);
      }
    }

    @Override
    public void rows(int rows) {}

    @Override
    public void close() {}
  }

  private static ArrayValue rowsOf(ArrayValue all, int[] rows, int capacity) {
    ArrayValue some = ArrayValue.zeros(rows.length, capacity, all.width());
    int used = Math.min(capacity, all.length()) * all.width();
    for (int i = 0; i < rows.length; i++) {
      int from = rows[i] * all.length() * all.width();
      System.arraycopy(all.data(), from, some.data(), i * capacity * all.width(), used);
    }
    return some;
  }

  @Override
  protected Cache copied(int[] rows, Lengths forked) {
    return new Cache(
        Arrays.stream(cache().layers)
            .map(c -> rowsOf(c, rows, forked.capacity()))
            .toArray(ArrayValue[]::new));
  }

  @Override
  protected ArraySession over(Lengths forked, Cache copy) {
    return new ArraySession(config(), language, sessions(), drafts, forked, copy);
  }
}
