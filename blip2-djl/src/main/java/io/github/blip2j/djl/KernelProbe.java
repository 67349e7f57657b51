package io.github.blip2j.djl;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.Device;
import io.github.blip2j.InferenceException;
import java.util.Arrays;

/** Tries a linear kernel on this machine with a known answer. */
final class KernelProbe {
  private static final int SIZE = 8;

  private KernelProbe() {}

  /**
   * Whether a kernel gives the right product here. Products of small integers are exact in float32,
   * whatever the order of sums.
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
      return Arrays.equals(expected, many) && Arrays.equals(Arrays.copyOf(expected, SIZE), one);
    } catch (EngineException | InferenceException e) {
      return false; // this build of PyTorch does not have the kernel
    }
  }

  private static IValue product(ScriptModule module, PtNDManager scope, float[] x) {
    return module.run("probe", "product", ScriptModule.floats(scope, x, x.length / SIZE, SIZE));
  }
}
