package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.OptConfig;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Keys and values of every layer: two direct buffers (B, H, capacity, d/H) float32 a layer, each
 * bound as the graph's input and output at once. Owned by one session; the buffers' memory is freed
 * when they are garbage collected after {@link #close}.
 */
final class KeyValueCache implements AutoCloseable {
  private static final String[] KINDS = {"key", "value"};

  private final OptConfig config;
  private final int capacity;
  private final DirectMemory[] buffers;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private int rows;

  KeyValueCache(OptConfig config, int rows, int capacity) {
    this.config = config;
    this.capacity = capacity;
    this.rows = rows;
    buffers = new DirectMemory[KINDS.length * config.layers()];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = new DirectMemory(rows * rowBytes());
    }
    bind();
  }

  private long rowBytes() {
    return 4L * capacity * config.hiddenSize();
  }

  /** Makes tensors over the first rows of the buffers. */
  private void bind() {
    long headWidth = config.hiddenSize() / config.heads();
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

  KeyValueCache copy(int used) {
    int[] all = new int[rows];
    for (int i = 0; i < rows; i++) {
      all[i] = i;
    }
    KeyValueCache copy = new KeyValueCache(config, rows, capacity);
    move(copy, all, used);
    return copy;
  }

  /**
   * Keeps rows. Dropping some moves the others down in place; anything else needs a second cache.
   *
   * @param used positions that are filled in the longest row
   * @return this cache, or a new one that replaces it; the caller closes this one then
   */
  KeyValueCache select(int[] kept, int used) {
    for (int i = 1; i < kept.length; i++) {
      if (kept[i] <= kept[i - 1]) {
        KeyValueCache other = new KeyValueCache(config, kept.length, capacity);
        move(other, kept, used);
        return other;
      }
    }
    move(this, kept, used);
    unbind();
    rows = kept.length;
    bind();
    return this;
  }

  private void move(KeyValueCache target, int[] sources, int used) {
    int headWidth = config.hiddenSize() / config.heads();
    int headBytes = 4 * capacity * headWidth;
    for (int i = 0; i < buffers.length; i++) {
      for (int row = 0; row < sources.length; row++) {
        if (target == this && sources[row] == row) {
          continue;
        }
        for (int head = 0; head < config.heads(); head++) {
          int from = (sources[row] * config.heads() + head) * headBytes;
          int to = (row * config.heads() + head) * headBytes;
          target.buffers[i].bytes().put(to, buffers[i].bytes(), from, 4 * used * headWidth);
        }
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
