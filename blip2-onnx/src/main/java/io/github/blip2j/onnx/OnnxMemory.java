package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.session.EncoderMemory;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keys and values (P, H, S, d) of each decoder block, which an encoder's graph writes. */
final class OnnxMemory extends EncoderMemory {
  private static final String[] KINDS = {"key", "value"};

  private final List<FloatTensor> tensors = new ArrayList<>();
  private final Map<String, OnnxTensor> named = new HashMap<>();

  /** Room for what an encoding step will give. */
  OnnxMemory(CacheLayout layout, StepPlan step) {
    super(step);
    try {
      for (int i = 0; i < KINDS.length * layout.layers(); i++) {
        FloatTensor tensor = new FloatTensor(prompts(), layout.heads(), span(), layout.width());
        tensors.add(tensor);
        named.put(StageGraph.memory(KINDS[i % 2], i / 2), tensor.tensor());
      }
    } catch (RuntimeException | Error e) {
      free();
      throw e;
    }
  }

  /** The encoder's outputs, which are the decoder's inputs. */
  Map<String, OnnxTensor> named() {
    return named;
  }

  @Override
  protected void free() {
    tensors.forEach(FloatTensor::close);
  }
}
