package io.github.blip2j.djl;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import java.util.Arrays;

/** Tries a linear kernel on this machine with a known answer. */
final class KernelProbe {
  private static final int SIZE = 8;
  private static final float INT8_ERROR = 1.5f; // of products up to 60, activations of 7 bits

  private KernelProbe() {}

  /**
   * Whether a kernel gives the right product here. Products of small integers are exact in every
   * float type, whatever the order of sums, and nearly so in eight bits.
   */
  static boolean works(LinearKernel kernel) {
    float[] weight = new float[SIZE * SIZE];
    float[] x = new float[2 * SIZE];
    float[] expected = new float[2 * SIZE];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = i * 7 % 11 - 5;
    }
    for (int i = 0; i < x.length; i++) {
      x[i] = i * 5 % 7 - 3;
    }
    for (int i = 0; i < expected.length; i++) {
      for (int k = 0; k < SIZE; k++) {
        expected[i] += x[i / SIZE * SIZE + k] * weight[i % SIZE * SIZE + k];
      }
    }
    try (ScriptModule module = new ScriptModule(ModelScript.probe(kernel), Device.CPU);
        PtNDManager scope = module.scope()) {
      module.run("probe", "prepare", ScriptModule.floats(scope, weight, SIZE, SIZE)).close();
      float[] many = ScriptModule.floats(scope, product(module, scope, x));
      float[] one = ScriptModule.floats(scope, product(module, scope, Arrays.copyOf(x, SIZE)));
      float most = kernel == LinearKernel.FBGEMM_INT8 ? INT8_ERROR : 0;
      return near(expected, many, most) && near(Arrays.copyOf(expected, SIZE), one, most);
    } catch (EngineException | InferenceException e) {
      return false; // this build of PyTorch does not have the kernel
    }
  }

  private static boolean near(float[] expected, float[] found, float most) {
    boolean near = expected.length == found.length;
    for (int i = 0; near && i < found.length; i++) {
      near = Math.abs(expected[i] - found[i]) <= most;
    }
    return near;
  }

  private static IValue product(ScriptModule module, PtNDManager scope, float[] x) {
    return module.run("probe", "product", ScriptModule.floats(scope, x, x.length / SIZE, SIZE));
  }
}
