package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageSession;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows under way: keys and values of all layers are one list of tensors (B, capacity, d) that the
 * step writes in place, held as one argument.
 */
final class DjlLanguageSession implements LanguageSession {
  private static final String STAGE = "language model";

  private final OptConfig config;
  private final String device;
  private final ScriptModule module;
  private final SessionCount sessions;
  private final Lengths lengths;
  private final TensorCache cache;
  private final SessionCount.Lease lease;

  DjlLanguageSession(
      OptConfig config,
      String device,
      ScriptModule module,
      SessionCount sessions,
      int rows,
      int capacity) {
    this(config, device, module, sessions, new Lengths(config, rows, capacity), null);
  }

  private DjlLanguageSession(
      OptConfig config,
      String device,
      ScriptModule module,
      SessionCount sessions,
      Lengths lengths,
      @Nullable TensorCache copied) {
    this.config = config;
    this.device = device;
    this.module = module;
    this.sessions = sessions;
    this.lengths = lengths;
    lease = sessions.open();
    this.cache = copied != null ? copied : allocate();
  }

  private TensorCache allocate() {
    try {
      return TensorCache.allocate(module, config, lengths.rows(), lengths.capacity(), device);
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
    Lengths.Step step = lengths.plan(features.length, tokens, logits.length);
    int rows = rows();
    boolean fresh = lengths.longest() == 0;
    boolean causal = step.uniform() && fresh && step.span() > 1;
    boolean masked = !causal && !(step.uniform() && step.span() == 1);
    try (PtNDManager scope = module.scope()) {
      IValue scores =
          module.runKeeping(
              STAGE,
              "step",
              cache.used(),
              ScriptModule.floats(scope, features, rows, step.features(), config.hiddenSize()),
              ScriptModule.longs(scope, step.ids(), rows, step.width()),
              ScriptModule.longs(scope, step.places(), rows, step.span()),
              ScriptModule.longs(scope, slots(step), (long) rows * step.span()),
              ScriptModule.longs(scope, step.lastRows(), rows),
              IValue.from((long) step.total()),
              IValue.from(causal),
              IValue.from(masked));
      float[] found = ScriptModule.floats(scope, scores);
      System.arraycopy(found, 0, logits, 0, found.length);
    }
    lengths.advance(step);
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
  }

  @Override
  public void truncate(int length) {
    lease.requireOpen();
    lengths.truncate(length);
  }

  @Override
  public LanguageSession fork() {
    lease.requireOpen();
    return new DjlLanguageSession(config, device, module, sessions, lengths.copy(), cache.copy());
  }

  @Override
  public void close() {
    if (!lease.ended()) {
      cache.close();
      lease.close();
    }
  }
}
