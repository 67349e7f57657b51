package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.internal.session.Lengths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an encoder read: keys and values (P, H, S, d) of each decoder block. Never written again;
 * shared by a session and its forks, and freed when the last of them closes.
 */
final class EncoderMemory implements AutoCloseable {
  private static final float HIDDEN = -1e9f;
  private static final String[] KINDS = {"key", "value"};

  private final int[] lengths; // (P)
  private final int span;
  private final List<FloatTensor> tensors = new ArrayList<>();
  private final Map<String, OnnxTensor> named = new HashMap<>();
  private int users = 1;

  /** Room for what an encoding step will give. */
  EncoderMemory(T5Config config, Lengths.Step step) {
    lengths = step.ends();
    span = step.span();
    try {
      for (int i = 0; i < KINDS.length * config.layers(); i++) {
        FloatTensor tensor =
            new FloatTensor(lengths.length, config.heads(), span, config.headWidth());
        tensors.add(tensor);
        named.put(Seq2SeqGraphs.memory(KINDS[i % 2], i / 2), tensor.tensor());
      }
    } catch (RuntimeException | Error e) {
      tensors.forEach(FloatTensor::close);
      throw e;
    }
  }

  /** The encoder's outputs, which are the decoder's inputs. */
  Map<String, OnnxTensor> named() {
    return named;
  }

  int prompts() {
    return lengths.length;
  }

  /**
   * Which positions a step's queries, laid out by prompt, do not see.
   *
   * @param queries of each prompt
   * @return (P,1,queries,S)
   */
  float[] bias(int queries) {
    float[] bias = new float[lengths.length * queries * span];
    for (int row = 0; row < lengths.length * queries; row++) {
      Arrays.fill(bias, row * span + lengths[row / queries], (row + 1) * span, HIDDEN);
    }
    return bias;
  }

  /** Shape of {@link #bias}. */
  long[] biasShape(int queries) {
    return new long[] {lengths.length, 1, queries, span};
  }

  /** A fork uses it too. */
  EncoderMemory share() {
    users++;
    return this;
  }

  @Override
  public void close() {
    if (--users == 0) {
      tensors.forEach(FloatTensor::close);
    }
  }
}
