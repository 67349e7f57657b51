package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.host.DirectMemory;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.session.RowStore;
import io.github.blip2j.stage.CacheLayout;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Keys and values of every layer: two direct buffers (B, H, capacity, d/H) a layer, float32 or
 * binary16, each bound as the graph's input and output at once. Owned by one session, which frees
 * it.
 */
final class KeyValueCache implements RowStore {
  private static final String[] KINDS = {"key", "value"};

  private final CacheLayout layout;
  private final int capacity;
  private final OnnxJavaType type;
  private DirectMemory[] buffers;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private int allocated;
  private int rows;

  KeyValueCache(CacheLayout layout, OnnxJavaType type, int rows, int capacity) {
    this.layout = layout;
    this.type = type;
    this.capacity = capacity;
    this.rows = rows;
    this.allocated = rows;
    if (rows * rowBytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "rows (%d) times capacity (%d) must stay below 2 GiB a layer, but are %d bytes",
              rows,
              capacity,
              rows * rowBytes()));
    }
    buffers = allocate(KINDS.length * layout.layers(), rows * rowBytes());
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
    return (long) type.size * capacity * layout.heads() * StageGraph.cachedWidth(layout.width());
  }

  /** Makes tensors over the first rows of the buffers. */
  private void bind() {
    for (int i = 0; i < buffers.length; i++) {
      OnnxTensor tensor = part(i, 0, rows);
      inputs.put(StepNames.STEP.past(KINDS[i % 2], i / 2), tensor);
      outputs.put(StepNames.STEP.present(KINDS[i % 2], i / 2), tensor);
    }
  }

  Map<String, OnnxTensor> inputs() {
    return inputs;
  }

  Map<String, OnnxTensor> outputs() {
    return outputs;
  }

  /** A cache of its own whose row i has the first positions of row {@code sources[i]}. */
  KeyValueCache copy(int[] sources, Lengths lengths) {
    KeyValueCache copy = new KeyValueCache(layout, type, sources.length, lengths.capacity());
    for (int row = 0; row < sources.length; row++) {
      move(copy, sources[row], row, 0, lengths.length(row));
    }
    return copy;
  }

  /** Copies the first positions of a row to one of another cache. */
  void copyTo(KeyValueCache target, int row, int to, int positions) {
    move(target, row, to, 0, positions);
  }

  /** One row alone as inputs and outputs; the caller closes its tensors. */
  Row row(int row) {
    Row views = new Row(new HashMap<>(), new HashMap<>());
    for (int i = 0; i < buffers.length; i++) {
      OnnxTensor tensor = part(i, row, 1);
      views.inputs().put(StepNames.STEP.past(KINDS[i % 2], i / 2), tensor);
      views.outputs().put(StepNames.STEP.present(KINDS[i % 2], i / 2), tensor);
    }
    return views;
  }

  /** Tensors over one row of the cache. */
  record Row(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
      implements AutoCloseable {
    @Override
    public void close() {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  /** A tensor over some rows of a buffer. */
  private OnnxTensor part(int buffer, int row, int count) {
    ByteBuffer whole = buffers[buffer].bytes();
    int bytes = Math.toIntExact(rowBytes());
    ByteBuffer slice = whole.slice(row * bytes, count * bytes).order(whole.order());
    long width = StageGraph.cachedWidth(layout.width());
    return FloatTensor.over(slice, type, count, layout.heads(), capacity, width);
  }

  @Override
  public void reserve(int wanted) {
    if (wanted <= allocated) {
      return;
    }
    unbind();
    try {
      // One after another, so that no more than one is there twice.
      for (int i = 0; i < buffers.length; i++) {
        buffers[i] = grown(buffers[i], wanted * rowBytes());
      }
    } catch (RuntimeException | Error e) {
      bind(); // some have room for more rows than there are
      throw e;
    }
    allocated = wanted;
    bind();
  }

  private DirectMemory grown(DirectMemory buffer, long bytes) {
    if (bytes <= buffer.bytes().capacity()) {
      return buffer;
    }
    DirectMemory larger = new DirectMemory(bytes);
    int present = Math.toIntExact(rows * rowBytes());
    larger.bytes().put(0, buffer.bytes(), 0, present);
    buffer.close();
    return larger;
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
    int headWidth = StageGraph.cachedWidth(layout.width());
    int headBytes = type.size * capacity * headWidth;
    int targetBytes = type.size * target.capacity * headWidth;
    int skipped = type.size * start * headWidth;
    for (int i = 0; i < buffers.length; i++) {
      for (int head = 0; head < layout.heads(); head++) {
        int source = (from * layout.heads() + head) * headBytes + skipped;
        int place = (to * layout.heads() + head) * targetBytes + skipped;
        ByteBuffer bytes = buffers[i].bytes();
        target.buffers[i].bytes().put(place, bytes, source, type.size * (end - start) * headWidth);
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
