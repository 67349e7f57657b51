package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.stage.HostTensor;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tensors of one run that are made of numbers on the heap; closed together. For one thread. */
final class HostTensors implements AutoCloseable {
  private final List<OnnxTensor> small = new ArrayList<>();
  private final List<FloatTensor> floats = new ArrayList<>();

  /** A tensor for each, by the same names. */
  Map<String, OnnxTensor> all(Map<String, HostTensor> inputs) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    inputs.forEach((name, tensor) -> tensors.put(name, of(tensor)));
    return tensors;
  }

  private OnnxTensor of(HostTensor tensor) {
    return tensor instanceof HostTensor.Floats values
        ? floats(values.values(), values.shape())
        : longs(((HostTensor.Integers) tensor).values(), tensor.shape());
  }

  OnnxTensor floats(float[] values, long... shape) {
    FloatTensor tensor = new FloatTensor(values, shape);
    floats.add(tensor);
    return tensor.tensor();
  }

  OnnxTensor longs(long[] values, long... shape) {
    return kept(
        () -> OnnxTensor.createTensor(OnnxLibrary.environment(), LongBuffer.wrap(values), shape));
  }

  OnnxTensor ints(int[] values, long... shape) {
    return kept(
        () -> OnnxTensor.createTensor(OnnxLibrary.environment(), IntBuffer.wrap(values), shape));
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
      small.add(tensor);
      return tensor;
    } catch (OrtException e) {
      throw new InferenceException("ONNX Runtime refuses a tensor: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    small.forEach(OnnxTensor::close);
    floats.forEach(FloatTensor::close);
  }
}
