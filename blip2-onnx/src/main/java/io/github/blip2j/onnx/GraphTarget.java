package io.github.blip2j.onnx;

import io.github.blip2j.core.Device;

/** Which kernels a graph is written for. */
enum GraphTarget {
  /** A processor: quantised products, and a fused kernel for every attention. */
  CPU,

  /** An NVIDIA GPU: binary16 products, and a loop that keeps the cache on the device. */
  CUDA;

  static GraphTarget of(Device device) {
    return device.type() == Device.Type.CUDA ? CUDA : CPU;
  }
}
