package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.host.DirectMemory;
import io.github.blip2j.stage.HostTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors of one run that are made of numbers on the heap; closed together. They lie side by side
 * in blocks of their own: given arrays, the runtime's Java interface would copy each into a direct
 * buffer that only the garbage collector frees. For one thread.
 */
final class HostTensors implements AutoCloseable {
  private static final int BLOCK = 1 << 12; // bytes
  private static final int ALIGNMENT = 64; // of a vector register

  private final List<OnnxTensor> tensors = new ArrayList<>();
  private final List<DirectMemory> blocks = new ArrayList<>();
  private ByteBuffer free = ByteBuffer.allocate(0); // of the last block

  /** A tensor for each, by the same names. */
  Map<String, OnnxTensor> all(Map<String, HostTensor> inputs) {
    Map<String, OnnxTensor> named = new HashMap<>();
    inputs.forEach((name, tensor) -> named.put(name, of(tensor)));
    return named;
  }

  private OnnxTensor of(HostTensor tensor) {
    return tensor instanceof HostTensor.Floats values
        ? floats(values.values(), values.shape())
        : longs(((HostTensor.Integers) tensor).values(), tensor.shape());
  }

  OnnxTensor floats(float[] values, long... shape) {
    ByteBuffer bytes = room(4L * values.length);
    bytes.asFloatBuffer().put(values);
    return kept(bytes, OnnxJavaType.FLOAT, shape);
  }

  OnnxTensor longs(long[] values, long... shape) {
    ByteBuffer bytes = room(8L * values.length);
    bytes.asLongBuffer().put(values);
    return kept(bytes, OnnxJavaType.INT64, shape);
  }

  OnnxTensor ints(int[] values, long... shape) {
    ByteBuffer bytes = room(4L * values.length);
    bytes.asIntBuffer().put(values);
    return kept(bytes, OnnxJavaType.INT32, shape);
  }

  OnnxTensor bool(boolean value) {
    ByteBuffer bytes = room(1);
    bytes.put(0, (byte) (value ? 1 : 0));
    return kept(bytes, OnnxJavaType.BOOL);
  }

  private OnnxTensor kept(ByteBuffer bytes, OnnxJavaType type, long... shape) {
    OnnxTensor tensor = FloatTensor.over(bytes, type, shape);
    tensors.add(tensor);
    return tensor;
  }

  /** The next bytes of the last block, or of a new one. */
  private ByteBuffer room(long bytes) {
    long taken = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (blocks.isEmpty() || taken > free.remaining()) {
      DirectMemory block = new DirectMemory(Math.max(BLOCK, taken));
      blocks.add(block);
      free = block.bytes().duplicate().order(block.bytes().order());
    }
    ByteBuffer room = free.slice(free.position(), (int) bytes).order(free.order());
    free.position(free.position() + (int) taken);
    return room;
  }

  @Override
  public void close() {
    tensors.forEach(OnnxTensor::close);
    blocks.forEach(DirectMemory::close);
  }
}
