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
    allocate(layout);
  }

  /** Copies of some prompts of two memories. */
  OnnxMemory(CacheLayout layout, Joint<OnnxMemory> prompts) {
    super(prompts);
    allocate(layout);
    for (int i = 0; i < prompts.kept().length; i++) {
      copy(layout, prompts.own(), prompts.kept()[i], i);
    }
    for (int i = 0; i < prompts.added().length; i++) {
      copy(layout, prompts.other(), prompts.added()[i], prompts.kept().length + i);
    }
  }

  /** What is behind a prompt's end stays zero: it is hidden, but must be a number. */
  private void copy(CacheLayout layout, OnnxMemory from, int prompt, int to) {
    int count = from.lengths()[prompt] * layout.width();
    for (int i = 0; i < tensors.size(); i++) {
      for (int head = 0; head < layout.heads(); head++) {
        int source = (prompt * layout.heads() + head) * from.span() * layout.width();
        int place = (to * layout.heads() + head) * span() * layout.width();
        tensors.get(i).put(place, from.tensors.get(i), source, count);
      }
    }
  }

  private void allocate(CacheLayout layout) {
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
