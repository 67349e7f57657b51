package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.MemoryRows;
import io.github.blip2j.internal.session.RelativeBuckets;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows under way: keys and values of all layers are one list of tensors (B, capacity, H·d) that the
 * step writes in place, held as one argument; and, of an encoder and decoder, what the encoder
 * read.
 */
final class DjlLanguageSession implements LanguageSession {
  private final DjlLanguage model;
  private final TextConfig config;
  private final ScriptModule module;
  private final Lengths lengths;
  private final TensorCache cache;
  private final SessionCount.Lease lease;
  private @Nullable EncoderMemory memory;
  private MemoryRows memoryRows = MemoryRows.of(1);

  DjlLanguageSession(DjlLanguage model, int rows, int capacity) {
    this(model, new Lengths(model.config(), rows, capacity), null);
  }

  private DjlLanguageSession(DjlLanguage model, Lengths lengths, @Nullable TensorCache copied) {
    this.model = model;
    this.config = model.config();
    this.module = model.module();
    this.lengths = lengths;
    lease = model.sessions().open();
    this.cache = copied != null ? copied : allocate();
  }

  private TensorCache allocate() {
    try {
      return TensorCache.allocate(
          module, config, lengths.rows(), lengths.capacity(), model.device());
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
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
      replaceMemory(model.read(t5, features, read));
      int[][] starts = new int[rows()][];
      Arrays.fill(starts, new int[] {t5.decoderStartToken()});
      step(new float[0], starts, logits);
    } else {
      step(features, tokens, logits);
    }
  }

  private void replaceMemory(@Nullable EncoderMemory read) {
    if (memory != null) {
      memory.close();
    }
    memory = read;
    memoryRows = MemoryRows.of(rows());
  }

  private void step(float[] features, int[][] tokens, float[] logits) {
    Lengths.Step step = lengths.plan(features.length, tokens, logits.length);
    try (PtNDManager scope = module.scope()) {
      IValue scores = memory == null ? decode(scope, features, step) : decode(scope, step, memory);
      float[] found = ScriptModule.floats(scope, scores);
      System.arraycopy(found, 0, logits, 0, found.length);
    }
    lengths.advance(step);
  }

  /** A step of a decoder alone. */
  private IValue decode(PtNDManager scope, float[] features, Lengths.Step step) {
    int rows = rows();
    boolean fresh = lengths.longest() == 0;
    boolean causal = step.uniform() && fresh && step.span() > 1;
    boolean masked = !causal && !(step.uniform() && step.span() == 1);
    return module.runKeeping(
        DjlLanguage.STAGE,
        "step",
        List.of(cache.used()),
        ScriptModule.floats(scope, features, rows, step.features(), config.hiddenSize()),
        ScriptModule.longs(scope, step.ids(), rows, step.width()),
        ScriptModule.longs(scope, step.places(), rows, step.span()),
        ScriptModule.longs(scope, slots(step), (long) rows * step.span()),
        ScriptModule.longs(scope, step.lastRows(), rows),
        IValue.from((long) step.total()),
        IValue.from(causal),
        IValue.from(masked));
  }

  /** A step of a decoder that looks at what an encoder read. */
  private IValue decode(PtNDManager scope, Lengths.Step step, EncoderMemory read) {
    int rows = rows();
    MemoryRows.Layout layout = memoryRows.layout();
    long[] buckets = new RelativeBuckets((T5Config) config).decoder(step);
    return module.runKeeping(
        DjlLanguage.STAGE,
        "step",
        List.of(read.tensors(), cache.used()),
        ScriptModule.longs(scope, step.ids(), rows, step.width()),
        ScriptModule.longs(scope, buckets, rows, step.width(), step.total()),
        ScriptModule.longs(scope, slots(step), (long) rows * step.span()),
        ScriptModule.longs(scope, step.lastRows(), rows),
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
                i / step.span() * lengths.capacity()
                    + length((int) i / step.span())
                    + i % step.span())
        .toArray();
  }

  @Override
  public void select(int[] rows) {
    lease.requireOpen();
    lengths.select(rows, cache);
    memoryRows = memory == null ? memoryRows : memoryRows.select(rows);
  }

  @Override
  public void truncate(int length) {
    lease.requireOpen();
    lengths.truncate(length);
  }

  @Override
  public LanguageSession fork(int[] rows, int capacity) {
    lease.requireOpen();
    Lengths forked = lengths.fork(rows, capacity);
    TensorCache copy = cache.copy(rows, forked);
    DjlLanguageSession fork = new DjlLanguageSession(model, forked, copy);
    fork.memory = memory == null ? null : memory.share();
    fork.memoryRows = memory == null ? fork.memoryRows : memoryRows.select(rows);
    return fork;
  }

  @Override
  public void close() {
    if (!lease.ended()) {
      cache.close();
      replaceMemory(null);
      lease.close();
    }
  }
}
