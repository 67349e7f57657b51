package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.session.CachedSession;
import io.github.blip2j.session.EncoderMemory;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A session whose cache the graph reads and writes in place. */
class OnnxLanguageSession extends CachedSession<KeyValueCache, OnnxMemory> {
  private final OnnxLanguage model;

  /**
   * Opens one.
   *
   * @param cache owned
   */
  OnnxLanguageSession(OnnxLanguage model, Lengths lengths, KeyValueCache cache) {
    super(model.program(), lengths, cache, model.sessions());
    this.model = model;
  }

  final OnnxLanguage model() {
    return model;
  }

  @Override
  protected OnnxMemory read(StepPlan prompts, float[] features) {
    return model.read(prompts, features);
  }

  @Override
  protected KeyValueCache copied(int[] rows, Lengths forked) {
    return cache().copy(rows, forked);
  }

  @Override
  protected void copyRow(KeyValueCache from, int row, int to, int positions) {
    from.copyTo(cache(), row, to, positions);
  }

  @Override
  protected OnnxMemory joined(EncoderMemory.Joint<OnnxMemory> prompts) {
    return new OnnxMemory(program().decoder().memory(), prompts);
  }

  @Override
  public LanguageSession fork(int[] rows, int capacity) {
    return fork(rows, capacity, (lengths, copy) -> new OnnxLanguageSession(model, lengths, copy));
  }

  @Override
  protected final void run(StepPlan step, float[] features, int[][] tokens, float[] logits) {
    if (rowByRow(step)) {
      for (int row = 0; row < rows(); row++) {
        runRow(row, features, tokens[row], logits);
      }
    } else {
      run(model.step(), step, features, logits, LoopInputs.none(rows()));
    }
  }

  /**
   * GroupQueryAttention appends several positions to a cache that is not empty for one row only.
   */
  final boolean rowByRow(StepPlan step) {
    return rows() > 1 && step.span() > 1 && lengths().longest() > 0;
  }

  /**
   * Runs a step of all rows.
   *
   * @param loop steps behind it
   * @return (N,B), what was appended in these
   */
  final int[][] run(
      OnnxStage stage, StepPlan step, float[] features, float[] logits, LoopInputs loop) {
    KeyValueCache.Row all = new KeyValueCache.Row(cache().inputs(), cache().outputs());
    return run(stage, step, features, all, logits, 0, loop);
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
    StepPlan step = one.plan(front.length, new int[][] {tokens}, logits.length);
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
      StepPlan step,
      float[] features,
      KeyValueCache.Row cached,
      float[] logits,
      int offset,
      LoopInputs loop) {
    int wanted = step.logitRows().length;
    try (HostTensors tensors = new HostTensors();
        FloatTensor scores = new FloatTensor(wanted, config().vocabularySize())) {
      Map<String, OnnxTensor> inputs = tensors.all(program().decoderInputs(step, features));
      inputs.putAll(cached.inputs());
      addStep(inputs, tensors, step);
      if (model.hasLoop()) {
        loop.add(inputs, tensors, program(), lengths().capacity());
      }
      Map<String, OnnxTensor> outputs = new HashMap<>(cached.outputs());
      outputs.put(StageGraph.LOGITS, scores.tensor());
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
    }
  }

  /** What a step is given of its rows. */
  private void addStep(Map<String, OnnxTensor> inputs, HostTensors tensors, StepPlan step) {
    int rows = step.rows();
    inputs.put(StageGraph.LAST_ROW, tensors.longs(step.logitRows(), step.logitRows().length));
    int[] lastKeys = Arrays.stream(step.sequenceLengths()).map(end -> end - 1).toArray();
    inputs.put(StageGraph.LAST_KEY, tensors.ints(lastKeys, rows));
    inputs.put(StageGraph.TOTAL, tensors.ints(new int[] {step.total()}));
    OnnxMemory read = memory();
    if (read != null) {
      EncoderMemory.Rows.Layout layout = memoryRows().layout();
      int queries = layout.rows().length / read.prompts() * step.width();
      inputs.putAll(read.named());
      inputs.put(
          StageGraph.MEMORY_BIAS,
          tensors.floats(read.bias(queries), read.prompts(), 1, queries, read.span()));
      inputs.put(StageGraph.MEMORY_ROWS, tensors.longs(layout.rows(), layout.rows().length));
      inputs.put(StageGraph.MEMORY_PLACES, tensors.longs(layout.places(), rows()));
    }
  }
}
