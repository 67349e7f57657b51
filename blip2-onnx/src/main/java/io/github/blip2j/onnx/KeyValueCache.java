package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.RowStore;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Keys and values of every layer: two direct buffers (B, H, capacity, d/H) float32 a layer, each
 * bound as the graph's input and output at once. Owned by one session, which frees it.
 */
final class KeyValueCache implements RowStore, AutoCloseable {
  private static final String[] KINDS = {"key", "value"};

  private final TextConfig config;
  private final int capacity;
  private DirectMemory[] buffers;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private int allocated;
  private int rows;

  KeyValueCache(TextConfig config, int rows, int capacity) {
    this.config = config;
    this.capacity = capacity;
    this.rows = rows;
    this.allocated = rows;
    if (rows * rowBytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "rows (%d) times capacity (%d) must stay below 2 GiB a layer, but are %d bytes"
              .formatted(rows, capacity, rows * rowBytes()));
    }
    buffers = allocate(KINDS.length * config.layers(), rows * rowBytes());
    bind();
  }

  private static DirectMemory[] allocate(int count, long bytes) {
    DirectMemory[] made = new DirectMemory[count];
    int done = 0;
    try {
      for (; done < count; done++) {
        made[done] = new DirectMemory(bytes);
      }
      return made;
    } catch (RuntimeException | Error e) {
      for (int i = 0; i < done; i++) {
        made[i].close();
      }
      throw e;
    }
  }

  private long rowBytes() {
    return 4L * capacity * config.heads() * LanguageGraph.cachedWidth(config.headWidth());
  }

  /** Makes tensors over the first rows of the buffers. */
  private void bind() {
    long headWidth = LanguageGraph.cachedWidth(config.headWidth());
    for (int i = 0; i < buffers.length; i++) {
      ByteBuffer whole = buffers[i].bytes();
      ByteBuffer part = whole.slice(0, Math.toIntExact(rows * rowBytes())).order(whole.order());
      OnnxTensor tensor = FloatTensor.over(part, rows, config.heads(), capacity, headWidth);
      inputs.put(LanguageGraph.past(KINDS[i % 2], i / 2), tensor);
      outputs.put(LanguageGraph.present(KINDS[i % 2], i / 2), tensor);
    }
  }

  Map<String, OnnxTensor> inputs() {
    return inputs;
  }

  Map<String, OnnxTensor> outputs() {
    return outputs;
  }

  /** A cache of its own with the same rows. */
  KeyValueCache copy(int used) {
    KeyValueCache copy = new KeyValueCache(config, rows, capacity);
    for (int row = 0; row < rows; row++) {
      move(copy, row, row, 0, used);
    }
    return copy;
  }

  @Override
  public void reserve(int wanted) {
    if (wanted <= allocated) {
      return;
    }
    KeyValueCache larger = new KeyValueCache(config, wanted, capacity);
    larger.unbind();
    for (int row = 0; row < rows; row++) {
      move(larger, row, row, 0, capacity);
    }
    close();
    buffers = larger.buffers;
    allocated = wanted;
    bind();
  }

  @Override
  public void copy(int from, int to, int start, int end) {
    move(this, from, to, start, end);
  }

  @Override
  public void rows(int count) {
    if (count != rows) {
      unbind();
      rows = count;
      bind();
    }
  }

  private void move(KeyValueCache target, int from, int to, int start, int end) {
    int headWidth = LanguageGraph.cachedWidth(config.headWidth());
    int headBytes = 4 * capacity * headWidth;
    int skipped = 4 * start * headWidth;
    for (int i = 0; i < buffers.length; i++) {
      for (int head = 0; head < config.heads(); head++) {
        int source = (from * config.heads() + head) * headBytes + skipped;
        int place = (to * config.heads() + head) * headBytes + skipped;
        ByteBuffer bytes = buffers[i].bytes();
        target.buffers[i].bytes().put(place, bytes, source, 4 * (end - start) * headWidth);
      }
    }
  }

  private void unbind() {
    inputs.values().forEach(OnnxTensor::close);
    inputs.clear();
    outputs.clear();
  }

  @Override
  public void close() {
    unbind();
    for (DirectMemory buffer : buffers) {
      buffer.close();
    }
  }
}
