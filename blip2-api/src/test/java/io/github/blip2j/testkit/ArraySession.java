package io.github.blip2j.testkit;

import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.MemoryRows;
import io.github.blip2j.internal.session.RowStore;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A session of the oracle: keys and values of each layer as arrays (B, capacity, d). */
final class ArraySession implements LanguageSession {
  private final TextConfig config;
  private final ArrayLanguage language;
  private final SessionCount sessions;
  private final Lengths lengths;
  private ArrayValue[] cache;
  private ArrayLanguage.@Nullable Memory memory;
  private MemoryRows memoryRows = MemoryRows.of(1);
  private final SessionCount.Lease lease;

  ArraySession(
      TextConfig config, ArrayLanguage language, SessionCount sessions, int rows, int capacity) {
    this(config, language, sessions, new Lengths(config, rows, capacity), new ArrayValue[0]);
    cache = new ArrayValue[2 * config.layers()];
    int width = config.heads() * config.headWidth();
    Arrays.setAll(cache, i -> ArrayValue.zeros(rows, capacity, width));
  }

  private ArraySession(
      TextConfig config,
      ArrayLanguage language,
      SessionCount sessions,
      Lengths lengths,
      ArrayValue[] cache) {
    this.config = config;
    this.language = language;
    this.sessions = sessions;
    this.lengths = lengths;
    this.cache = cache;
    lease = sessions.open();
  }

  @Override
  public int rows() {
    return lengths.rows();
  }

  @Override
  public int length(int row) {
    return lengths.length(row);
  }

  @Override
  public void append(float[] features, int[][] tokens, float[] logits) {
    lease.requireOpen();
    if (config instanceof T5Config t5 && lengths.longest() == 0) {
      Lengths.Step read = lengths.encoding(features.length, tokens, logits.length);
      memory =
          language.read(ArrayValue.of(features, rows(), read.features(), t5.hiddenSize()), read);
      memoryRows = MemoryRows.of(rows());
      int[][] starts = new int[rows()][];
      Arrays.fill(starts, new int[] {t5.decoderStartToken()});
      step(new float[0], starts, logits);
    } else {
      step(features, tokens, logits);
    }
  }

  private void step(float[] features, int[][] tokens, float[] logits) {
    Lengths.Step step = lengths.plan(features.length, tokens, logits.length);
    ArrayValue x = ArrayValue.of(features, rows(), step.features(), config.hiddenSize());
    ArrayValue scores = language.write(new Ops(step), x, step);
    System.arraycopy(scores.floats(), 0, logits, 0, rows() * config.vocabularySize());
    lengths.advance(step);
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
      ArrayValue keys = cache[2 * layer];
      ArrayValue values = cache[2 * layer + 1];
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
      ArrayLanguage.Memory read = Objects.requireNonNull(memory);
      ArrayValue y = ArrayValue.zeros(query.shape());
      ArrayValue keys = read.keys().get(layer);
      ArrayValue values = read.values().get(layer);
      Attention attention = new Attention(query, keys, values, y, heads, scale, null);
      for (int b = 0; b < rows(); b++) {
        int prompt = memoryRows.prompt()[b];
        for (int t = 0; t < query.length(); t++) {
          attention.attend(b, prompt, t, read.lengths()[prompt]);
        }
      }
      return y;
    }

    @Override
    public ArrayValue lastPosition(ArrayValue x) {
      ArrayValue y = ArrayValue.zeros(x.batch(), 1, x.width());
      for (int b = 0; b < x.batch(); b++) {
        int from = (int) step.lastRows()[b] * x.width();
        System.arraycopy(x.data(), from, y.data(), b * x.width(), x.width());
      }
      return y;
    }
  }

  @Override
  public void select(int[] rows) {
    lengths.select(rows, new Store());
    memoryRows = memory == null ? memoryRows : memoryRows.select(rows);
  }

  /** Rows of the arrays; those beyond the session's are room. */
  private final class Store implements RowStore {
    @Override
    public void reserve(int rows) {
      for (int i = 0; i < cache.length; i++) {
        if (cache[i].batch() < rows) {
          ArrayValue larger = ArrayValue.zeros(rows, cache[i].length(), cache[i].width());
          System.arraycopy(cache[i].data(), 0, larger.data(), 0, cache[i].data().length);
          cache[i] = larger;
        }
      }
    }

    @Override
    public void copy(int from, int to, int start, int end) {
      for (ArrayValue c : cache) {
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
  public void truncate(int length) {
    lengths.truncate(length);
  }

  @Override
  public LanguageSession fork(int[] rows, int capacity) {
    lease.requireOpen();
    Lengths forked = lengths.fork(rows, capacity);
    ArrayValue[] copy =
        Arrays.stream(cache).map(c -> rowsOf(c, rows, capacity)).toArray(ArrayValue[]::new);
    ArraySession fork = new ArraySession(config, language, sessions, forked, copy);
    fork.memory = memory;
    fork.memoryRows = memory == null ? fork.memoryRows : memoryRows.select(rows);
    return fork;
  }

  @Override
  public void close() {
    lease.close();
  }
}
