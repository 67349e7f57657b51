package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.MemoryRows;
import io.github.blip2j.internal.session.RelativeBuckets;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows under way: a key/value cache that the graph reads and writes in place and, of an encoder and
 * decoder, what the encoder read.
 */
final class OnnxLanguageSession implements LanguageSession {
  private final OnnxLanguage model;
  private final TextConfig config;
  private final Lengths lengths;
  private final KeyValueCache cache;
  private final SessionCount.Lease lease;
  private @Nullable EncoderMemory memory;
  private MemoryRows memoryRows = MemoryRows.of(1);

  OnnxLanguageSession(OnnxLanguage model, int rows, int capacity) {
    this(model, new Lengths(model.config(), rows, capacity), null);
  }

  private OnnxLanguageSession(OnnxLanguage model, Lengths lengths, @Nullable KeyValueCache copied) {
    this.model = model;
    this.config = model.config();
    this.lengths = lengths;
    lease = model.sessions().open();
    cache = copied != null ? copied : allocate();
  }

  private KeyValueCache allocate() {
    try {
      return new KeyValueCache(config, lengths.rows(), lengths.capacity());
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
    boolean fresh = lengths.longest() == 0;
    if (rows() > 1 && step.span() > 1 && !fresh) {
      // GroupQueryAttention appends several positions to a cache that is not empty for one row only
      for (int row = 0; row < rows(); row++) {
        runRow(row, features, tokens[row], logits);
      }
    } else {
      run(step, features, cache.inputs(), cache.outputs(), logits, 0);
    }
    lengths.advance(step);
  }

  /** One row's part of a step, in its own part of the cache. */
  private void runRow(int row, float[] features, int[] tokens, float[] logits) {
    if (memory != null) {
      throw new IllegalArgumentException(
          "row %d: expected 1 token behind a decoder's first, found %d"
              .formatted(row, tokens.length));
    }
    int size = features.length / rows();
    float[] own = Arrays.copyOfRange(features, row * size, (row + 1) * size);
    Lengths one = lengths.fork(new int[] {row}, lengths.capacity());
    Lengths.Step step = one.plan(own.length, new int[][] {tokens}, logits.length);
    try (KeyValueCache.Row view = cache.row(row)) {
      run(step, own, view.inputs(), view.outputs(), logits, row * config.vocabularySize());
    }
  }

  private void run(
      Lengths.Step step,
      float[] features,
      Map<String, OnnxTensor> past,
      Map<String, OnnxTensor> present,
      float[] logits,
      int offset) {
    int rows = step.ends().length;
    List<FloatTensor> owned = new ArrayList<>();
    try (IntegerTensors integers = new IntegerTensors();
        FloatTensor scores = new FloatTensor(rows, config.vocabularySize())) {
      Map<String, OnnxTensor> inputs = new HashMap<>(past);
      inputs.put(LanguageGraph.IDS, integers.longs(step.ids(), rows, step.width()));
      inputs.put(LanguageGraph.LAST_ROW, integers.longs(step.lastRows(), rows));
      int[] lastKeys = Arrays.stream(step.ends()).map(end -> end - 1).toArray();
      inputs.put(LanguageGraph.LAST_KEY, integers.ints(lastKeys, rows));
      inputs.put(LanguageGraph.TOTAL, integers.ints(new int[] {step.total()}));
      if (memory != null) {
        addMemory(inputs, integers, owned, step, memory);
      } else {
        FloatTensor prefix = new FloatTensor(features, rows, step.features(), config.hiddenSize());
        owned.add(prefix);
        inputs.put(LanguageGraph.FEATURES, prefix.tensor());
        inputs.put(LanguageGraph.PLACES, integers.longs(step.places(), rows, step.span()));
      }
      Map<String, OnnxTensor> outputs = new HashMap<>(present);
      outputs.put(LanguageGraph.LOGITS, scores.tensor());
      model.step().run(inputs, outputs);
      scores.copyTo(logits, offset, rows * config.vocabularySize());
    } finally {
      owned.forEach(FloatTensor::close);
    }
  }

  private void addMemory(
      Map<String, OnnxTensor> inputs,
      IntegerTensors integers,
      List<FloatTensor> owned,
      Lengths.Step step,
      EncoderMemory read) {
    MemoryRows.Layout layout = memoryRows.layout();
    int queries = layout.rows().length / read.prompts() * step.width();
    FloatTensor bias = new FloatTensor(read.bias(queries), read.biasShape(queries));
    owned.add(bias);
    long[] buckets = new RelativeBuckets((T5Config) config).decoder(step);
    inputs.putAll(read.named());
    inputs.put(Seq2SeqGraphs.MEMORY_BIAS, bias.tensor());
    inputs.put(Seq2SeqGraphs.MEMORY_ROWS, integers.longs(layout.rows(), layout.rows().length));
    inputs.put(Seq2SeqGraphs.MEMORY_PLACES, integers.longs(layout.places(), rows()));
    inputs.put(Seq2SeqGraphs.BUCKETS, integers.longs(buckets, rows(), step.width(), step.total()));
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
    KeyValueCache copy = cache.copy(rows, forked);
    OnnxLanguageSession fork = new OnnxLanguageSession(model, forked, copy);
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
