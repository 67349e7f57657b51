package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.host.DirectMemory;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** A float32 tensor over memory that it owns. For one thread. */
final class FloatTensor implements AutoCloseable {
  private final DirectMemory memory;
  private final OnnxTensor tensor;

  /** Zeros. */
  FloatTensor(long... shape) {
    long size = 4;
    for (long axis : shape) {
      size = Math.multiplyExact(size, axis);
    }
    memory = new DirectMemory(size);
    tensor = over(memory.bytes(), OnnxJavaType.FLOAT, shape);
  }

  OnnxTensor tensor() {
    return tensor;
  }

  /** Copies elements of another tensor. */
  void put(int place, FloatTensor from, int source, int count) {
    FloatBuffer all = memory.bytes().asFloatBuffer();
    all.put(place, from.memory.bytes().asFloatBuffer(), source, count);
  }

  /** Copies the first elements to the heap. */
  void copyTo(float[] target, int offset, int count) {
    memory.bytes().asFloatBuffer().get(target, offset, count);
  }

  /**
   * A tensor that shares a direct buffer in native order; the caller closes it and owns the buffer.
   */
  static OnnxTensor over(ByteBuffer bytes, OnnxJavaType type, long... shape) {
    try {
      return OnnxTensor.createTensor(OnnxLibrary.environment(), bytes, shape, type);
    } catch (OrtException e) {
      throw new InferenceException("ONNX Runtime refuses a tensor: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    tensor.close();
    memory.close();
  }
}
