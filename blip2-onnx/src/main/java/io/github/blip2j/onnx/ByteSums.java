package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT8;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * How many bits activations have beside weights of eight. Processors without VNNI multiply unsigned
 * by signed bytes in pairs into 16 bits, which two products of the largest numbers overflow; they
 * are given activations of seven bits. Which it is, a product with a known answer says.
 */
final class ByteSums {
  private static final int SIZE = 16;
  private static final int LARGEST = 127;
  private static final float NEAR = 0.02f;

  private ByteSums() {}

  /** Asked once in a process. */
  private static final class Here {
    static final boolean WHOLE = whole(new Tensor.ByteRange(16, 255));
  }

  /**
   * What activations become on this processor; the runtime must have been started.
   *
   * @param activated whether they are above zero, or little below, as behind an activation
   */
  static Tensor.ByteRange range(boolean activated) {
    return range(activated, Here.WHOLE);
  }

  /** The same where sums of two products fit, or not. */
  static Tensor.ByteRange range(boolean activated, boolean whole) {
    int most = whole ? 255 : 127;
    return new Tensor.ByteRange(activated ? (most + 1) / 16 : (most + 1) / 2, most);
  }

  /** Whether the largest activations and weights give the right sums. */
  static boolean whole(Tensor.ByteRange bytes) {
    OnnxGraph graph = new OnnxGraph("sums of bytes");
    Tensor x = graph.input("x", FLOAT32, "N", SIZE);
    long[] numbers = new long[SIZE * SIZE];
    Arrays.fill(numbers, LARGEST);
    Tensor weight = graph.integers(numbers).cast(INT8).reshape(SIZE, SIZE);
    float[] scales = new float[SIZE];
    Arrays.fill(scales, 1f / LARGEST);
    graph.output("y", x.matMulOfBytes(weight, graph.reals(scales), null, bytes), "N", SIZE);
    float[] ones = new float[SIZE];
    Arrays.fill(ones, 1);
    try (OrtSession session = OnnxLibrary.environment().createSession(graph.toModel());
        OnnxTensor given =
            OnnxTensor.createTensor(
                OnnxLibrary.environment(), FloatBuffer.wrap(ones), new long[] {1, SIZE});
        OrtSession.Result result = session.run(Map.of("x", given))) {
      FloatBuffer found = ((OnnxTensor) result.get(0)).getFloatBuffer();
      boolean right = true;
      while (found.hasRemaining()) {
        right &= Math.abs(found.get() - SIZE) < NEAR * SIZE;
      }
      return right;
    } catch (OrtException e) {
      return false; // the stage's own graph will say why
    }
  }
}
