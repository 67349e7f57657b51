package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.session.CachedSession;
import io.github.blip2j.session.EncoderMemory;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A session whose cache is one list of tensors (B, capacity, H·d) that the step writes in place.
 */
final class DjlLanguageSession extends CachedSession<TensorCache, DjlMemory> {
  private final DjlLanguage model;
  private final ScriptModule module;

  private DjlLanguageSession(DjlLanguage model, Lengths lengths, TensorCache cache) {
    super(model.program(), lengths, cache, model.sessions());
    this.model = model;
    this.module = model.module();
  }

  static DjlLanguageSession open(DjlLanguage model, int rows, int capacity) {
    Lengths lengths = new Lengths(model.program().config(), rows, capacity);
    TensorCache cache = TensorCache.allocate(model, rows, capacity);
    return new DjlLanguageSession(model, lengths, cache);
  }

  @Override
  protected DjlMemory read(StepPlan prompts, float[] features) {
    return model.read(prompts, features);
  }

  @Override
  protected TensorCache copied(int[] rows, Lengths forked) {
    return cache().copy(rows, forked);
  }

  @Override
  protected void copyRow(TensorCache from, int row, int to, int positions) {
    from.copyTo(cache(), row, to, positions);
  }

  @Override
  protected DjlMemory joined(EncoderMemory.Joint<DjlMemory> prompts) {
    return DjlMemory.joined(module, prompts);
  }

  @Override
  public LanguageSession fork(int[] rows, int capacity) {
    return fork(rows, capacity, (lengths, copy) -> new DjlLanguageSession(model, lengths, copy));
  }

  @Override
  protected void run(StepPlan step, float[] features, int[][] tokens, float[] logits) {
    try (PtNDManager scope = module.scope()) {
      List<IValue> arguments = new ArrayList<>();
      List<IValue> kept = new ArrayList<>();
      Collections.addAll(
          arguments,
          ScriptModule.arguments(scope, model.decoder(), program().decoderInputs(step, features)));
      addStep(scope, arguments, step);
      DjlMemory read = memory();
      if (read != null) {
        EncoderMemory.Rows.Layout layout = memoryRows().layout();
        arguments.add(ScriptModule.longs(scope, layout.rows(), layout.rows().length));
        arguments.add(ScriptModule.longs(scope, layout.places(), rows()));
        arguments.add(read.bias(scope));
        kept.add(read.tensors());
      }
      kept.add(cache().used());
      IValue scores =
          module.runKeeping(DjlLanguage.STAGE, "step", kept, arguments.toArray(IValue[]::new));
      float[] found = ScriptModule.floats(scope, scores);
      System.arraycopy(found, 0, logits, 0, found.length);
    }
  }

  /** What a step is given of its rows. */
  private void addStep(PtNDManager scope, List<IValue> arguments, StepPlan step) {
    long vectors = (long) rows() * step.span();
    boolean fresh = lengths().longest() == 0;
    boolean causal = step.uniform() && fresh && step.span() > 1;
    boolean masked = !model.biased() && !causal && !(step.uniform() && step.span() == 1);
    arguments.add(ScriptModule.longs(scope, slots(step), vectors));
    arguments.add(ScriptModule.longs(scope, step.positionIds(), rows(), step.span()));
    arguments.add(ScriptModule.longs(scope, step.logitRows(), step.logitRows().length));
    arguments.add(IValue.from((long) step.total()));
    arguments.add(IValue.from(causal));
    arguments.add(IValue.from(masked));
  }

  /** Where each new vector goes among the cache's rows × capacity. */
  private long[] slots(StepPlan step) {
    return LongStream.range(0, step.positionIds().length)
        .map(
            i ->
                i / step.span() * lengths().capacity()
                    + length((int) i / step.span())
                    + i % step.span())
        .toArray();
  }
}
