package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.github.blip2j.InferenceException;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageSession;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows under way: a key/value cache that the graph reads and writes in place. */
final class OnnxLanguageSession implements LanguageSession {
  private final OptConfig config;
  private final OnnxStage stage;
  private final SessionCount sessions;
  private final Lengths lengths;
  private final KeyValueCache cache;
  private final SessionCount.Lease lease;

  OnnxLanguageSession(
      OptConfig config, OnnxStage stage, SessionCount sessions, int rows, int capacity) {
    this(config, stage, sessions, new Lengths(config, rows, capacity), null);
  }

  private OnnxLanguageSession(
      OptConfig config,
      OnnxStage stage,
      SessionCount sessions,
      Lengths lengths,
      @Nullable KeyValueCache copied) {
    this.config = config;
    this.stage = stage;
    this.sessions = sessions;
    this.lengths = lengths;
    lease = sessions.open();
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
    Lengths.Step step = lengths.plan(features.length, tokens, logits.length);
    int rows = rows();
    List<OnnxTensor> owned = new ArrayList<>();
    try (FloatTensor prefix =
            new FloatTensor(features, rows, step.features(), config.hiddenSize());
        FloatTensor scores = new FloatTensor(rows, config.vocabularySize())) {
      Map<String, OnnxTensor> inputs = new HashMap<>(cache.inputs());
      inputs.put(LanguageGraph.FEATURES, prefix.tensor());
      inputs.put(LanguageGraph.IDS, longs(owned, step.ids(), rows, step.width()));
      inputs.put(LanguageGraph.PLACES, longs(owned, step.places(), rows, step.span()));
      inputs.put(LanguageGraph.LAST_ROW, longs(owned, step.lastRows(), rows));
      int[] lastKeys = Arrays.stream(step.ends()).map(end -> end - 1).toArray();
      inputs.put(LanguageGraph.LAST_KEY, ints(owned, lastKeys, rows));
      inputs.put(LanguageGraph.TOTAL, ints(owned, new int[] {step.total()}));
      Map<String, OnnxTensor> outputs = new HashMap<>(cache.outputs());
      outputs.put(LanguageGraph.LOGITS, scores.tensor());
      stage.run(inputs, outputs);
      scores.copyTo(logits, rows * config.vocabularySize());
      lengths.advance(step);
    } catch (OrtException e) {
      throw new InferenceException("language model: " + e.getMessage(), e);
    } finally {
      owned.forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor longs(List<OnnxTensor> owned, long[] values, long... shape)
      throws OrtException {
    OnnxTensor tensor =
        OnnxTensor.createTensor(OnnxBackend.environment(), LongBuffer.wrap(values), shape);
    owned.add(tensor);
    return tensor;
  }

  private static OnnxTensor ints(List<OnnxTensor> owned, int[] values, long... shape)
      throws OrtException {
    OnnxTensor tensor =
        OnnxTensor.createTensor(OnnxBackend.environment(), IntBuffer.wrap(values), shape);
    owned.add(tensor);
    return tensor;
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
    KeyValueCache copy = cache.copy(lengths.longest());
    return new OnnxLanguageSession(config, stage, sessions, lengths.copy(), copy);
  }

  @Override
  public void close() {
    if (!lease.ended()) {
      cache.close();
      lease.close();
    }
  }
}
