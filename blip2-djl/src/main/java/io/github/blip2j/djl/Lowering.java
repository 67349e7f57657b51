package io.github.blip2j.djl;

import io.github.blip2j.Device;
import io.github.blip2j.WeightLayout;
import io.github.blip2j.spi.Execution;

/**
 * Which kernel computes the linear layers of a stage.
 *
 * @param image of vision encoder and Q-Former: hundreds of rows
 * @param language of the language model: one row a token
 */
record Lowering(LinearKernel image, LinearKernel language) {
  /** The fastest kernels that give the right product here. */
  static Lowering choose(Execution execution) {
    boolean cpu = execution.device().type() == Device.Type.CPU;
    LinearKernel image = usable(LinearKernel.PACKED, cpu);
    boolean mapped = execution.layout() == WeightLayout.MAPPED;
    return new Lowering(image, mapped ? usable(LinearKernel.MAPPED, cpu) : image);
  }

  private static LinearKernel usable(LinearKernel kernel, boolean cpu) {
    return cpu && KernelProbe.works(kernel) ? kernel : LinearKernel.PLAIN;
  }
}
