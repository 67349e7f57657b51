package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.internal.session.CachedSession;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.MemoryRows;
import io.github.blip2j.internal.session.RelativeBuckets;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A session whose cache is one list of tensors (B, capacity, H·d) that the step writes in place.
 */
final class DjlLanguageSession extends CachedSession<TensorCache, DjlMemory> {
  private final DjlLanguage model;
  private final ScriptModule module;

  private DjlLanguageSession(DjlLanguage model, Lengths lengths, TensorCache cache) {
    super(model.config(), lengths, cache, model.sessions());
    this.model = model;
    this.module = model.module();
  }

  static DjlLanguageSession open(DjlLanguage model, int rows, int capacity) {
    Lengths lengths = new Lengths(model.config(), rows, capacity);
    TensorCache cache =
        TensorCache.allocate(model.module(), model.config(), rows, capacity, model.device());
    return new DjlLanguageSession(model, lengths, cache);
  }

  @Override
  protected DjlMemory read(T5Config t5, float[] features, Lengths.Step what) {
    return model.read(t5, features, what);
  }

  @Override
  protected TensorCache copied(int[] rows, Lengths forked) {
    return cache().copy(rows, forked);
  }

  @Override
  protected DjlLanguageSession over(Lengths forked, TensorCache copy) {
    return new DjlLanguageSession(model, forked, copy);
  }

  @Override
  protected void run(
      Lengths.Step step, float[] features, int[][] tokens, float[] logits, boolean guessing) {
    if (guessing) {
      throw new UnsupportedOperationException("djl has no drafts");
    }
    DjlMemory read = memory();
    try (PtNDManager scope = module.scope()) {
      IValue scores = read == null ? decode(scope, features, step) : decode(scope, step, read);
      float[] found = ScriptModule.floats(scope, scores);
      System.arraycopy(found, 0, logits, 0, found.length);
    }
  }

  /** A step of a decoder alone. */
  private IValue decode(PtNDManager scope, float[] features, Lengths.Step step) {
    int rows = rows();
    boolean fresh = lengths().longest() == 0;
    boolean causal = step.uniform() && fresh && step.span() > 1;
    boolean masked = !causal && !(step.uniform() && step.span() == 1);
    return module.runKeeping(
        DjlLanguage.STAGE,
        "step",
        List.of(cache().used()),
        ScriptModule.floats(scope, features, rows, step.features(), config().hiddenSize()),
        ScriptModule.longs(scope, step.ids(), rows, step.width()),
        ScriptModule.longs(scope, step.places(), rows, step.span()),
        ScriptModule.longs(scope, slots(step), (long) rows * step.span()),
        ScriptModule.longs(scope, step.lastRows(), step.lastRows().length),
        IValue.from((long) step.total()),
        IValue.from(causal),
        IValue.from(masked));
  }

  /** A step of a decoder that looks at what an encoder read. */
  private IValue decode(PtNDManager scope, Lengths.Step step, DjlMemory read) {
    int rows = rows();
    MemoryRows.Layout layout = memoryRows().layout();
    long[] buckets = new RelativeBuckets((T5Config) config()).decoder(step);
    return module.runKeeping(
        DjlLanguage.STAGE,
        "step",
        List.of(read.tensors(), cache().used()),
        ScriptModule.longs(scope, step.ids(), rows, step.width()),
        ScriptModule.longs(scope, buckets, rows, step.width(), step.total()),
        ScriptModule.longs(scope, slots(step), (long) rows * step.span()),
        ScriptModule.longs(scope, step.lastRows(), step.lastRows().length),
        IValue.from((long) step.total()),
        ScriptModule.longs(scope, layout.rows(), layout.rows().length),
        ScriptModule.longs(scope, layout.places(), rows),
        read.bias(scope));
  }

  /** Where each new vector goes among the cache's rows × capacity. */
  private long[] slots(Lengths.Step step) {
    return LongStream.range(0, step.places().length)
        .map(
            i ->
                i / step.span() * lengths().capacity()
                    + length((int) i / step.span())
                    + i % step.span())
        .toArray();
  }
}
