package io.github.blip2j.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.github.blip2j.core.Device;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** ONNX Runtime's provider for CUDA devices: how it is added, and what its errors mean. */
final class CudaProvider {
  /** The runtime itself says on standard error only which library or function it misses. */
  private static final String NEEDED =
      "ONNX Runtime 1.28 needs the device, which a container or CUDA_VISIBLE_DEVICES may hide, and"
          + " CUDA 12.8 or a later 12 and cuDNN 9 where the system finds libraries, and prints what"
          + " it misses";

  /** What CUDA and the provider's allocator say where memory is wanting. */
  private static final List<String> MEMORY =
      List.of("out of memory", "Failed to allocate memory", "Available memory of");

  /** What the provider says of the device and of the libraries under it. */
  private static final List<String> FAILED =
      List.of("CUDA failure", "CUBLAS failure", "CUDNN failure", "Invalid device ID");

  private static final Set<OrtErrorCode> CODES =
      Set.of(OrtErrorCode.ORT_EP_FAIL, OrtErrorCode.ORT_DEVICE_RESET);

  private CudaProvider() {}

  /**
   * Adds a device to a session's options. Options as an object are handed to the provider, which
   * then counts the devices; the call that takes a number alone checks nothing. Float32 stays
   * float32 there: GPUs would multiply it with ten bits of mantissa.
   *
   * @throws OrtException if the provider's libraries or the device are not there
   */
  static void add(OrtSession.SessionOptions options, Device device) throws OrtException {
    try (OrtCUDAProviderOptions gpu = new OrtCUDAProviderOptions(device.index())) {
      gpu.add("use_tf32", "0");
      options.addCUDA(gpu);
    }
  }

  /** Why no session can have a device. */
  static Optional<String> obstacle(Device device) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      add(options, device);
      return Optional.empty();
    } catch (OrtException e) {
      return Optional.of(device + " cannot be used: " + e.getMessage() + "; " + NEEDED);
    }
  }

  /** What to do about an error of the device; nothing where the graph or a file is to blame. */
  static Optional<String> advice(Device device, OrtException error) {
    if (device.type() != Device.Type.CUDA) {
      return Optional.empty();
    }
    String said = String.valueOf(error.getMessage());
    if (MEMORY.stream().anyMatch(said::contains)) {
      return Optional.of(
          device
              + " has too little free memory: free some of it, use float16 if that was float32,"
              + " fewer images or texts at a time, or the CPU");
    }
    return CODES.contains(error.getCode()) || FAILED.stream().anyMatch(said::contains)
        ? Optional.of(device + " failed, and the CPU may do; " + NEEDED)
        : Optional.empty();
  }
}
