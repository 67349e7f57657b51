package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.github.blip2j.InferenceException;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageSession;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
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
  private KeyValueCache cache;
  private boolean closed;

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
    sessions.opened();
    cache = copied != null ? copied : new KeyValueCache(config, lengths.rows(), lengths.capacity());
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
    checkOpen();
    Lengths.Step step = lengths.plan(features.length, tokens, logits.length);
    int rows = rows();
    List<OnnxTensor> owned = new ArrayList<>();
    try {
      Map<String, OnnxTensor> inputs = new HashMap<>(cache.inputs());
      ByteBuffer scores = OnnxStage.direct(4L * rows * config.vocabularySize());
      int width = config.hiddenSize();
      owned.add(OnnxStage.tensor(scores, rows, config.vocabularySize()));
      owned.add(OnnxStage.tensor(features, rows, step.features(), width));
      owned.add(longs(step.ids(), rows, step.width()));
      owned.add(longs(step.places(), rows, step.span()));
      owned.add(lastKeys(step.ends()));
      owned.add(total(step.total()));
      owned.add(longs(step.lastRows(), rows));
      String[] names = {
        LanguageGraph.FEATURES,
        LanguageGraph.IDS,
        LanguageGraph.PLACES,
        LanguageGraph.LAST_KEY,
        LanguageGraph.TOTAL,
        LanguageGraph.LAST_ROW
      };
      for (int i = 0; i < names.length; i++) {
        inputs.put(names[i], owned.get(i + 1));
      }
      Map<String, OnnxTensor> outputs = new HashMap<>(cache.outputs());
      outputs.put(LanguageGraph.LOGITS, owned.get(0));
      stage.run(inputs, outputs);
      scores.asFloatBuffer().get(logits, 0, rows * config.vocabularySize());
      lengths.advance(step);
    } catch (OrtException e) {
      throw new InferenceException("language model: " + e.getMessage(), e);
    } finally {
      owned.forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor longs(long[] values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(OnnxBackend.environment(), LongBuffer.wrap(values), shape);
  }

  private static OnnxTensor lastKeys(int[] ends) throws OrtException {
    int[] last = new int[ends.length];
    for (int i = 0; i < ends.length; i++) {
      last[i] = ends[i] - 1;
    }
    long[] shape = {ends.length};
    return OnnxTensor.createTensor(OnnxBackend.environment(), IntBuffer.wrap(last), shape);
  }

  private static OnnxTensor total(int total) throws OrtException {
    int[] one = {total};
    return OnnxTensor.createTensor(OnnxBackend.environment(), IntBuffer.wrap(one), new long[0]);
  }

  @Override
  public void select(int[] rows) {
    checkOpen();
    int used = lengths.longest();
    lengths.select(rows);
    KeyValueCache selected = cache.select(rows, used);
    if (selected != cache) {
      cache.close();
      cache = selected;
    }
  }

  @Override
  public void truncate(int length) {
    checkOpen();
    lengths.truncate(length);
  }

  @Override
  public LanguageSession fork() {
    checkOpen();
    KeyValueCache copy = cache.copy(lengths.longest());
    return new OnnxLanguageSession(config, stage, sessions, lengths.copy(), copy);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this session must be open, but it has been closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cache.close();
      sessions.closed();
    }
  }
}
