package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.Blip2;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The convolution that may say how a GPU multiplies is the one that may not. */
class PatchEmbeddingTest {
  private static final int SIDE = 56;
  private static final int PATCH = 14;
  private static final int WIDTH = 24;

  private static WeightTensor tensor(String name, long... shape) {
    List<Long> axes = java.util.Arrays.stream(shape).boxed().toList();
    return new WeightTensor(name, DType.F32, axes, Path.of(name), 0, 0);
  }

  private static PtNDArray numbers(PtNDManager scope, Random random, long... shape) {
    Shape sizes = new Shape(shape);
    float[] values = new float[Math.toIntExact(sizes.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return (PtNDArray) scope.create(values, sizes);
  }

  private static String method(String name, String body, String result) {
    return "  def "
        + name
        + "(self: __torch__.Blip2, pixels: Tensor, w: List[Tensor]) -> Tensor:\n"
        + body
        + "    return "
        + result
        + "\n";
  }

  private static byte[] archive() {
    TorchOps ops =
        new TorchOps(
            LinearKernel.PLAIN,
            new WeightSlots(),
            Checkpoint.open(Fixtures.directory("tiny-opt")).program().vision());
    String result =
        ops.patchEmbedding(
            "pixels", tensor("weight", WIDTH, 3, PATCH, PATCH), tensor("bias", WIDTH));
    assertThat(ops.body()).as("ten bits of mantissa are not allowed").contains("True, False)\n");
    String usual =
        "torch.transpose(torch.flatten(torch.conv2d(pixels, w[0], w[1], [14, 14]), 2), 1, 2)";
    String text =
        "class Blip2(Module):\n  __parameters__ = []\n  __buffers__ = []\n"
            + method("ours", ops.body(), result)
            + method("usual", "", usual);
    return ScriptArchive.of(ModelScript.CLASS, text, List.of(), List.of());
  }

  private static float[] run(ScriptModule module, String method) {
    Random random = new Random(7);
    try (PtNDManager scope = module.scope()) {
      IValue[] arguments = {
        IValue.from(numbers(scope, random, 2, 3, SIDE, SIDE)),
        IValue.listFrom(
            numbers(scope, random, WIDTH, 3, PATCH, PATCH), numbers(scope, random, WIDTH))
      };
      return ScriptModule.floats(scope, module.run("patches", method, arguments));
    }
  }

  @Test
  void itIsTheUsualConvolutionBitForBit() {
    PyTorch.engine(Blip2.defaultCacheDirectory());
    try (ScriptModule module = new ScriptModule(archive(), Device.CPU)) {
      int patches = SIDE / PATCH * (SIDE / PATCH);
      assertThat(run(module, "ours"))
          .hasSize(2 * patches * WIDTH)
          .isEqualTo(run(module, "usual"))
          .doesNotContain(0);
    }
  }
}
