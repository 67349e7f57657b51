package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.stage.HostTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tensors of one run that are made of numbers on the heap; closed together. */
final class HostTensors implements AutoCloseable {
  private final SmallTensors small = new SmallTensors();
  private final List<FloatTensor> floats = new ArrayList<>();

  /** Small tensors, closed with these. */
  SmallTensors small() {
    return small;
  }

  /** A tensor for each, by the same names. */
  Map<String, OnnxTensor> all(Map<String, HostTensor> inputs) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    inputs.forEach((name, tensor) -> tensors.put(name, of(tensor)));
    return tensors;
  }

  private OnnxTensor of(HostTensor tensor) {
    return tensor instanceof HostTensor.Floats values
        ? floats(values.values(), values.shape())
        : small.longs(((HostTensor.Integers) tensor).values(), tensor.shape());
  }

  /** A float32 tensor of its own. */
  OnnxTensor floats(float[] values, long... shape) {
    FloatTensor tensor = new FloatTensor(values, shape);
    floats.add(tensor);
    return tensor.tensor();
  }

  @Override
  public void close() {
    small.close();
    floats.forEach(FloatTensor::close);
  }
}
