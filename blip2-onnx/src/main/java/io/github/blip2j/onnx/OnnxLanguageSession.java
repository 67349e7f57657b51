package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.internal.session.CachedSession;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.MemoryRows;
import io.github.blip2j.internal.session.RelativeBuckets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A session whose cache the graph reads and writes in place. */
final class OnnxLanguageSession extends CachedSession<KeyValueCache, OnnxMemory> {
  private final OnnxLanguage model;

  private OnnxLanguageSession(OnnxLanguage model, Lengths lengths, KeyValueCache cache) {
    super(model.config(), lengths, cache, model.sessions());
    this.model = model;
  }

  static OnnxLanguageSession open(OnnxLanguage model, int rows, int capacity) {
    Lengths lengths = new Lengths(model.config(), rows, capacity);
    return new OnnxLanguageSession(
        model, lengths, new KeyValueCache(model.config(), model.cacheType(), rows, capacity));
  }

  @Override
  protected OnnxMemory read(T5Config t5, float[] features, Lengths.Step what) {
    return model.read(t5, features, what);
  }

  @Override
  protected KeyValueCache copied(int[] rows, Lengths forked) {
    return cache().copy(rows, forked);
  }

  @Override
  protected OnnxLanguageSession over(Lengths forked, KeyValueCache copy) {
    return new OnnxLanguageSession(model, forked, copy);
  }

  @Override
  protected void run(
      Lengths.Step step, float[] features, int[][] tokens, float[] logits, boolean guessing) {
    OnnxStage stage = guessing ? model.draft() : model.step();
    if (rowByRow(step)) {
      for (int row = 0; row < rows(); row++) {
        runRow(row, features, tokens[row], logits);
      }
    } else {
      run(stage, step, features, cache().inputs(), cache().outputs(), logits, 0, 0);
    }
  }

  /**
   * GroupQueryAttention appends several positions to a cache that is not empty for one row only.
   */
  private boolean rowByRow(Lengths.Step step) {
    return rows() > 1 && step.span() > 1 && lengths().longest() > 0;
  }

  @Override
  protected int runAhead(
      Lengths.Step step, float[] features, int[][] tokens, int further, float[] logits) {
    if (model.stepsAhead() == 0) {
      return super.runAhead(step, features, tokens, further, logits);
    }
    if (rowByRow(step)) {
      run(step, features, tokens, logits, false);
      return 0;
    }
    return run(
        model.step(), step, features, cache().inputs(), cache().outputs(), logits, 0, further);
  }

  /** One row's part of a step, in its own part of the cache. */
  private void runRow(int row, float[] features, int[] tokens, float[] logits) {
    if (memory() != null) {
      throw new IllegalArgumentException(
          "row %d: expected 1 token behind a decoder's first, found %d"
              .formatted(row, tokens.length));
    }
    int size = features.length / rows();
    float[] own = Arrays.copyOfRange(features, row * size, (row + 1) * size);
    Lengths one = lengths().fork(new int[] {row}, lengths().capacity());
    Lengths.Step step = one.plan(own.length, new int[][] {tokens}, logits.length);
    try (KeyValueCache.Row view = cache().row(row)) {
      int offset = row * config().vocabularySize();
      run(model.step(), step, own, view.inputs(), view.outputs(), logits, offset, 0);
    }
  }

  /**
   * Runs a step.
   *
   * @param further steps behind it, if the graph has a loop
   * @return how many of these were taken
   */
  private int run(
      OnnxStage stage,
      Lengths.Step step,
      float[] features,
      Map<String, OnnxTensor> past,
      Map<String, OnnxTensor> present,
      float[] logits,
      int offset,
      int further) {
    int wanted = step.lastRows().length;
    List<FloatTensor> owned = new ArrayList<>();
    try (IntegerTensors integers = new IntegerTensors();
        FloatTensor scores = new FloatTensor(wanted, config().vocabularySize())) {
      Map<String, OnnxTensor> inputs = new HashMap<>(past);
      addStep(inputs, integers, owned, step, features);
      if (model.stepsAhead() > 0) {
        inputs.put(LanguageGraph.STEPS, integers.longs(new long[] {further}));
        long[] ends = config().endTokens().stream().mapToLong(Integer::longValue).toArray();
        inputs.put(LanguageGraph.ENDS, integers.longs(ends, ends.length));
      }
      Map<String, OnnxTensor> outputs = new HashMap<>(present);
      outputs.put(LanguageGraph.LOGITS, scores.tensor());
      float[] ahead = {};
      if (further > 0) {
        ahead = stage.run(inputs, outputs, LanguageGraph.AHEAD);
      } else {
        stage.run(inputs, outputs);
      }
      int size = wanted * config().vocabularySize();
      scores.copyTo(logits, offset, size);
      System.arraycopy(ahead, 0, logits, offset + size, ahead.length);
      return ahead.length / size;
    } finally {
      owned.forEach(FloatTensor::close);
    }
  }

  /** What a step is given beside its cache. */
  private void addStep(
      Map<String, OnnxTensor> inputs,
      IntegerTensors integers,
      List<FloatTensor> owned,
      Lengths.Step step,
      float[] features) {
    int rows = step.ends().length;
    inputs.put(LanguageGraph.IDS, integers.longs(step.ids(), rows, step.width()));
    inputs.put(LanguageGraph.LAST_ROW, integers.longs(step.lastRows(), step.lastRows().length));
    int[] lastKeys = Arrays.stream(step.ends()).map(end -> end - 1).toArray();
    inputs.put(LanguageGraph.LAST_KEY, integers.ints(lastKeys, rows));
    inputs.put(LanguageGraph.TOTAL, integers.ints(new int[] {step.total()}));
    OnnxMemory read = memory();
    if (read != null) {
      addMemory(inputs, integers, owned, step, read);
    } else {
      int width = config().hiddenSize();
      FloatTensor prefix = new FloatTensor(features, rows, step.features(), width);
      owned.add(prefix);
      inputs.put(LanguageGraph.FEATURES, prefix.tensor());
      inputs.put(LanguageGraph.PLACES, integers.longs(step.places(), rows, step.span()));
    }
  }

  private void addMemory(
      Map<String, OnnxTensor> inputs,
      IntegerTensors integers,
      List<FloatTensor> owned,
      Lengths.Step step,
      OnnxMemory read) {
    MemoryRows.Layout layout = memoryRows().layout();
    int queries = layout.rows().length / read.prompts() * step.width();
    FloatTensor bias = new FloatTensor(read.bias(queries), read.prompts(), 1, queries, read.span());
    owned.add(bias);
    long[] buckets = new RelativeBuckets((T5Config) config()).decoder(step);
    inputs.putAll(read.named());
    inputs.put(Seq2SeqGraphs.MEMORY_BIAS, bias.tensor());
    inputs.put(Seq2SeqGraphs.MEMORY_ROWS, integers.longs(layout.rows(), layout.rows().length));
    inputs.put(Seq2SeqGraphs.MEMORY_PLACES, integers.longs(layout.places(), rows()));
    inputs.put(Seq2SeqGraphs.BUCKETS, integers.longs(buckets, rows(), step.width(), step.total()));
  }
}
