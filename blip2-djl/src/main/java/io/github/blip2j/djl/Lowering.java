package io.github.blip2j.djl;

import io.github.blip2j.Device;

/**
 * Which kernel computes the linear layers of a stage.
 *
 * @param image of vision encoder and Q-Former: hundreds of rows
 * @param language of the language model: one row a token
 */
record Lowering(LinearKernel image, LinearKernel language) {
  /** The fastest kernels that give the right product here. */
  static Lowering choose(Device device) {
    boolean cpu = device.type() == Device.Type.CPU;
    return new Lowering(
        cpu && KernelProbe.works(LinearKernel.PACKED) ? LinearKernel.PACKED : LinearKernel.PLAIN,
        cpu && KernelProbe.works(LinearKernel.MAPPED) ? LinearKernel.MAPPED : LinearKernel.PLAIN);
  }
}
