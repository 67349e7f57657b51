package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT16;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;

import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Precision;
import io.github.blip2j.onnx.graph.ElementType;
import io.github.blip2j.stage.Stage;
import java.util.List;

/**
 * The KV cache of a decoder: the type of keys and values, and what attends to them.
 *
 * @param type FLOAT32 or FLOAT16
 */
record CachePlan(Decision<ElementType> type, Decision<Kernel> attention) {
  /** What computes attention to the cache. */
  enum Kernel {
    /** GroupQueryAttention, which writes in place. */
    FUSED,

    /** Products, a softmax and a write by one-hot rows. */
    PLAIN
  }

  /**
   * Plans a decoder's cache. On a GPU the fused kernel is for 16 bits only, and takes no bias.
   *
   * @param decoder is looked at for a bias in its attention to the cache
   * @param precision of its linear layers
   */
  static CachePlan of(Stage decoder, Precision precision, GraphTarget target) {
    if (target == GraphTarget.CPU) {
      return new CachePlan(
          type(FLOAT32, "the CPU computes in float32"),
          attention(Kernel.FUSED, "the CPU has it for float32, with a bias too"));
    }
    if (precision != Precision.FLOAT16) {
      return new CachePlan(
          type(FLOAT32, "as the weights"),
          attention(Kernel.PLAIN, "a CUDA device has the fused kernel for 16 bits only"));
    }
    if (decoder.weights().cachedBias()) {
      return new CachePlan(
          type(FLOAT32, "attention to it is plain operators"),
          attention(Kernel.PLAIN, "on a CUDA device the fused kernel takes no position bias"));
    }
    return new CachePlan(
        type(FLOAT16, "what the fused kernel takes on a CUDA device"),
        attention(Kernel.FUSED, "a CUDA device has it for 16 bits"));
  }

  private static Decision<ElementType> type(ElementType type, String reason) {
    return new Decision<>("language cache", type, reason);
  }

  private static Decision<Kernel> attention(Kernel kernel, String reason) {
    return new Decision<>("language attention", kernel, reason);
  }

  boolean halves() {
    return type.choice() == FLOAT16;
  }

  boolean fused() {
    return attention.choice() == Kernel.FUSED;
  }

  List<Decision<?>> decisions() {
    return List.of(type, attention);
  }
}
