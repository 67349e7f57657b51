package io.github.blip2j.testkit;

import io.github.blip2j.session.CachedSession;
import io.github.blip2j.session.EncoderMemory;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.session.RowStore;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A session of the oracle. */
class ArraySession extends CachedSession<ArraySession.Cache, ArraySession.Memory> {
  private final ArrayLanguage model;

  /**
   * Opens one.
   *
   * @param cache owned
   */
  ArraySession(ArrayLanguage model, Lengths lengths, Cache cache) {
    super(model.program(), lengths, cache, model.sessions());
    this.model = model;
  }

  final ArrayLanguage model() {
    return model;
  }

  /** What an encoder read: keys and values (P,S,H·d) of each decoder layer in turn. */
  static final class Memory extends EncoderMemory {
    private final List<ArrayValue> values;

    Memory(List<ArrayValue> values, StepPlan read) {
      super(read);
      this.values = values;
    }

    Memory(Joint<Memory> prompts) {
      super(prompts);
      this.values = new ArrayList<>();
      for (int i = 0; i < prompts.own().values.size(); i++) {
        ArrayValue own = prompts.own().values.get(i);
        ArrayValue kept = rowsOf(own, prompts.kept(), span());
        ArrayValue added = rowsOf(prompts.other().values.get(i), prompts.added(), span());
        ArrayValue both = ArrayValue.zeros(prompts(), span(), own.width());
        System.arraycopy(kept.data(), 0, both.data(), 0, kept.data().length);
        int end = kept.data().length;
        System.arraycopy(added.data(), 0, both.data(), end, added.data().length);
        values.add(both);
      }
    }

    @Override
    protected void free() {}
  }

  @Override
  protected Memory read(StepPlan prompts, float[] features) {
    Map<String, HostTensor> inputs = program().encoderInputs(prompts, features);
    ArrayOps ops = new ArrayOps(model.weights());
    return new Memory(ArrayBackend.apply(program().encoder().orElseThrow(), ops, inputs), prompts);
  }

  @Override
  protected final void run(StepPlan step, float[] features, int[][] tokens, float[] logits) {
    Map<String, HostTensor> inputs = program().decoderInputs(step, features);
    give(ArrayBackend.apply(program().decoder(), new Ops(step), inputs), logits, 0);
  }

  /** Copies a step's first output, its logits, to their place. */
  static void give(List<ArrayValue> outputs, float[] logits, int offset) {
    float[] scores = outputs.get(0).floats();
    System.arraycopy(scores, 0, logits, offset, scores.length);
  }

  /** Operations of a step, which writes the session's cache. */
  final class Ops extends ArrayOps {
    private final StepPlan step;

    Ops(StepPlan step) {
      super(model.weights());
      this.step = step;
    }

    private int position(int row, int vector) {
      return (int) step.positionIds()[row * step.span()] + vector;
    }

    @Override
    public ArrayValue cachedAttention(
        Attended<ArrayValue> x, Heads heads, int layer, @Nullable ArrayValue bias) {
      ArrayValue keys = cache().layers[2 * layer];
      ArrayValue values = cache().layers[2 * layer + 1];
      ArrayValue y = ArrayValue.zeros(x.query().shape());
      ArrayAttention attention =
          new ArrayAttention(new Attended<>(x.query(), keys, values), y, heads, bias);
      for (int b = 0; b < rows(); b++) {
        for (int t = 0; t < step.span(); t++) {
          int position = position(b, t);
          if (position >= step.sequenceLengths()[b]) {
            continue; // padding
          }
          for (int d = 0; d < keys.width(); d++) {
            keys.set(b, position, d, x.key().at(b, t, d));
            values.set(b, position, d, x.value().at(b, t, d));
          }
          attention.attend(b, b, t, position + 1);
        }
      }
      return y;
    }

    @Override
    public ArrayValue memoryAttention(ArrayValue query, Heads heads, int layer) {
      Memory read = Objects.requireNonNull(memory());
      ArrayValue y = ArrayValue.zeros(query.shape());
      ArrayValue keys = read.values.get(2 * layer);
      ArrayValue values = read.values.get(2 * layer + 1);
      ArrayAttention attention =
          new ArrayAttention(new Attended<>(query, keys, values), y, heads, null);
      for (int b = 0; b < rows(); b++) {
        int prompt = memoryRows().prompt()[b];
        for (int t = 0; t < query.length(); t++) {
          attention.attend(b, prompt, t, read.lengths()[prompt]);
        }
      }
      return y;
    }

    @Override
    public ArrayValue newestPosition() {
      ArrayValue y = ArrayValue.zeros(rows(), 1, 1);
      Arrays.setAll(y.data(), b -> step.sequenceLengths()[b] - 1);
      return y;
    }

    @Override
    public ArrayValue keyDistances() {
      ArrayValue y = ArrayValue.zeros(rows(), 1, step.total());
      Arrays.setAll(y.data(), i -> step.sequenceLengths()[i / step.total()] - 1 - i % step.total());
      return y;
    }

    @Override
    public ArrayValue lastPosition(ArrayValue x) {
      long[] wanted = step.logitRows();
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
  protected void copyRow(Cache from, int row, int to, int positions) {
    for (int i = 0; i < from.layers.length; i++) {
      ArrayValue source = from.layers[i];
      ArrayValue target = cache().layers[i];
      System.arraycopy(
          source.data(),
          row * source.length() * source.width(),
          target.data(),
          to * target.length() * target.width(),
          positions * source.width());
    }
  }

  @Override
  protected Memory joined(EncoderMemory.Joint<Memory> prompts) {
    return new Memory(prompts);
  }

  @Override
  public LanguageSession fork(int[] rows, int capacity) {
    return fork(rows, capacity, (lengths, copy) -> new ArraySession(model, lengths, copy));
  }
}
