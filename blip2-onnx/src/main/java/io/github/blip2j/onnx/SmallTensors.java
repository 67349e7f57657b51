package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.github.blip2j.core.InferenceException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** The small inputs of one run, which are closed with it. For one thread. */
final class SmallTensors implements AutoCloseable {
  private final List<OnnxTensor> owned = new ArrayList<>();

  OnnxTensor longs(long[] values, long... shape) {
    return kept(
        () -> OnnxTensor.createTensor(OnnxLibrary.environment(), LongBuffer.wrap(values), shape));
  }

  OnnxTensor ints(int[] values, long... shape) {
    return kept(
        () -> OnnxTensor.createTensor(OnnxLibrary.environment(), IntBuffer.wrap(values), shape));
  }

  OnnxTensor floats(float[] values, long... shape) {
    return kept(
        () -> OnnxTensor.createTensor(OnnxLibrary.environment(), FloatBuffer.wrap(values), shape));
  }

  OnnxTensor bool(boolean value) {
    return kept(() -> OnnxTensor.createTensor(OnnxLibrary.environment(), value));
  }

  private interface Maker {
    OnnxTensor make() throws OrtException;
  }

  private OnnxTensor kept(Maker maker) {
    try {
      OnnxTensor tensor = maker.make();
      owned.add(tensor);
      return tensor;
    } catch (OrtException e) {
      throw new InferenceException("ONNX Runtime refuses a tensor: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    owned.forEach(OnnxTensor::close);
  }
}
