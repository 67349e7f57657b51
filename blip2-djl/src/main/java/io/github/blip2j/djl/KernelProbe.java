package io.github.blip2j.djl;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import io.github.blip2j.Device;
import io.github.blip2j.InferenceException;

/** Tries a linear kernel on this machine with a known answer. */
final class KernelProbe {
  private static final int SIZE = 8;

  private KernelProbe() {}

  /** The fastest kernel that gives the right product here. */
  static LinearKernel choose(Device device) {
    return device.type() == Device.Type.CPU && works(LinearKernel.PACKED)
        ? LinearKernel.PACKED
        : LinearKernel.PLAIN;
  }

  /** Products of small integers are exact in float32, whatever the order of sums. */
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
      float[] found =
          ScriptModule.floats(
              scope, module.run("probe", "product", ScriptModule.floats(scope, x, 2, SIZE)));
      return java.util.Arrays.equals(expected, found);
    } catch (EngineException | InferenceException e) {
      return false; // this build of PyTorch does not have the kernel
    }
  }
}
