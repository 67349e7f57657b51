package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.internal.session.CachedSession;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.MemoryRows;
import io.github.blip2j.internal.session.RelativeBuckets;
import io.github.blip2j.spi.FurtherSteps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
    if (rowByRow(step)) {
      for (int row = 0; row < rows(); row++) {
        runRow(row, features, tokens[row], logits);
      }
    } else {
      OnnxStage stage = guessing ? model.draft() : model.step();
      run(stage, step, features, own(), logits, 0, LoopInputs.none(rows()));
    }
  }

  /**
   * GroupQueryAttention appends several positions to a cache that is not empty for one row only.
   */
  private boolean rowByRow(Lengths.Step step) {
    return rows() > 1 && step.span() > 1 && lengths().longest() > 0;
  }

  @Override
  protected void requireAhead() {
    if (model.stepsAhead() == 0) {
      super.requireAhead();
    }
  }

  @Override
  protected int[][] runAhead(
      Lengths.Step step, float[] features, int[][] tokens, FurtherSteps further, float[] logits) {
    if (rowByRow(step)) {
      run(step, features, tokens, logits, false);
      return new int[0][];
    }
    LoopInputs loop = new LoopInputs(further.most(), further.choices());
    return run(model.step(), step, features, own(), logits, 0, loop);
  }

  /** All rows of the cache. */
  private KeyValueCache.Row own() {
    return new KeyValueCache.Row(cache().inputs(), cache().outputs());
  }

  /** One row's part of a step, in its own part of the cache. */
  private void runRow(int row, float[] features, int[] tokens, float[] logits) {
    if (memory() != null) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "row %d: expected 1 token behind a decoder's first, found %d",
              row,
              tokens.length));
    }
    int size = features.length / rows();
    float[] front = Arrays.copyOfRange(features, row * size, (row + 1) * size);
    Lengths one = lengths().fork(new int[] {row}, lengths().capacity());
    Lengths.Step step = one.plan(front.length, new int[][] {tokens}, logits.length);
    try (KeyValueCache.Row view = cache().row(row)) {
      int offset = row * config().vocabularySize();
      run(model.step(), step, front, view, logits, offset, LoopInputs.none(1));
    }
  }

  /**
   * Runs a step.
   *
   * @param loop steps behind it, if the graph has a loop
   * @return (N,B), what was appended in these
   */
  private int[][] run(
      OnnxStage stage,
      Lengths.Step step,
      float[] features,
      KeyValueCache.Row cached,
      float[] logits,
      int offset,
      LoopInputs loop) {
    int wanted = step.lastRows().length;
    List<FloatTensor> owned = new ArrayList<>();
    try (SmallTensors tensors = new SmallTensors();
        FloatTensor scores = new FloatTensor(wanted, config().vocabularySize())) {
      Map<String, OnnxTensor> inputs = new HashMap<>(cached.inputs());
      addStep(inputs, tensors, owned, step, features);
      if (model.stepsAhead() > 0) {
        loop.add(inputs, tensors, config(), lengths().capacity());
      }
      Map<String, OnnxTensor> outputs = new HashMap<>(cached.outputs());
      outputs.put(LanguageGraph.LOGITS, scores.tensor());
      int size = wanted * config().vocabularySize();
      int[][] appended = {};
      if (loop.further() > 0) {
        appended =
            stage.run(
                inputs,
                outputs,
                LoopInputs.OUTPUTS,
                read -> loop.read(read, logits, offset + size));
      } else {
        stage.run(inputs, outputs);
      }
      scores.copyTo(logits, offset, size);
      return appended;
    } finally {
      owned.forEach(FloatTensor::close);
    }
  }

  /** What a step is given beside its cache. */
  private void addStep(
      Map<String, OnnxTensor> inputs,
      SmallTensors tensors,
      List<FloatTensor> owned,
      Lengths.Step step,
      float[] features) {
    int rows = step.ends().length;
    inputs.put(LanguageGraph.IDS, tensors.longs(step.ids(), rows, step.width()));
    inputs.put(LanguageGraph.LAST_ROW, tensors.longs(step.lastRows(), step.lastRows().length));
    int[] lastKeys = Arrays.stream(step.ends()).map(end -> end - 1).toArray();
    inputs.put(LanguageGraph.LAST_KEY, tensors.ints(lastKeys, rows));
    inputs.put(LanguageGraph.TOTAL, tensors.ints(new int[] {step.total()}));
    OnnxMemory read = memory();
    if (read != null) {
      addMemory(inputs, tensors, owned, step, read);
    } else {
      int width = config().hiddenSize();
      FloatTensor prefix = new FloatTensor(features, rows, step.features(), width);
      owned.add(prefix);
      inputs.put(LanguageGraph.FEATURES, prefix.tensor());
      inputs.put(LanguageGraph.PLACES, tensors.longs(step.places(), rows, step.span()));
    }
  }

  private void addMemory(
      Map<String, OnnxTensor> inputs,
      SmallTensors tensors,
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
    inputs.put(Seq2SeqGraphs.MEMORY_ROWS, tensors.longs(layout.rows(), layout.rows().length));
    inputs.put(Seq2SeqGraphs.MEMORY_PLACES, tensors.longs(layout.places(), rows()));
    inputs.put(Seq2SeqGraphs.BUCKETS, tensors.longs(buckets, rows(), step.width(), step.total()));
  }
}
