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
  private static final int ROWS = 3;
  private static final int WIDE = 1024;
  private static final int MANY = 256;
  private static final int ROUNDS = 6;
  private static final float LARGEST = 5;
  private static final float INT8_ERROR = 1.5f; // of products up to 60, activations of 7 bits

  private KernelProbe() {}

  /**
   * Whether a kernel gives the right product here. Products of small integers are exact in every
   * float type, whatever the order of sums, and nearly so in eight bits; of the largest numbers
   * that eight bits have, sums are half of what they should be where they saturate.
   */
  static boolean works(LinearKernel kernel) {
    float[] weight = new float[SIZE * SIZE];
    float[] x = new float[ROWS * SIZE];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = i < SIZE ? LARGEST : i * 7 % 11 - LARGEST;
    }
    for (int i = 0; i < x.length; i++) {
      x[i] = i < SIZE ? 1 : i * 5 % 7 - 3;
    }
    float[] expected = product(x, weight);
    try (ScriptModule module = new ScriptModule(ModelScript.probe(kernel), Device.CPU);
        PtNDManager scope = module.scope()) {
      module.run("probe", "prepare", ScriptModule.floats(scope, weight, SIZE, SIZE)).close();
      float most = kernel.folds() ? INT8_ERROR : 0;
      boolean right = near(expected, ScriptModule.floats(scope, product(module, scope, x)), most);
      for (int row = 0; row < ROWS; row++) {
        float[] one = Arrays.copyOfRange(x, row * SIZE, (row + 1) * SIZE);
        float[] found = ScriptModule.floats(scope, product(module, scope, one));
        right &= near(product(one, weight), found, most);
      }
      return right;
    } catch (EngineException | InferenceException e) {
      return false; // this build of PyTorch does not have the kernel
    }
  }

  /**
   * How many times as fast as packed float32's a kernel's products of many rows are here: the best
   * of some of each, in turn.
   *
   * @return 0 if either does not run
   */
  static double speed(LinearKernel kernel) {
    try (ScriptModule one = wide(kernel);
        ScriptModule float32 = wide(LinearKernel.PACKED)) {
      double best = Double.MAX_VALUE;
      double other = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        best = Math.min(best, seconds(one));
        other = Math.min(other, seconds(float32));
      }
      return other / best;
    } catch (EngineException | InferenceException e) {
      return 0;
    }
  }

  /** A module with a weight of a vision encoder's order of size. */
  private static ScriptModule wide(LinearKernel kernel) {
    ScriptModule module = new ScriptModule(ModelScript.probe(kernel), Device.CPU);
    try (PtNDManager scope = module.scope()) {
      IValue weight = ScriptModule.floats(scope, numbers(WIDE * WIDE), WIDE, WIDE);
      module.run("probe", "prepare", weight).close();
      return module;
    } catch (RuntimeException | Error e) {
      module.close();
      throw e;
    }
  }

  private static float[] numbers(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = i % 17 - 8;
    }
    return numbers;
  }

  private static double seconds(ScriptModule module) {
    try (PtNDManager scope = module.scope()) {
      IValue x = ScriptModule.floats(scope, numbers(MANY * WIDE), MANY, WIDE);
      long start = System.nanoTime();
      module.run("probe", "product", x).close();
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static float[] product(float[] x, float[] weight) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      for (int k = 0; k < SIZE; k++) {
        y[i] += x[i / SIZE * SIZE + k] * weight[i % SIZE * SIZE + k];
      }
    }
    return y;
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
