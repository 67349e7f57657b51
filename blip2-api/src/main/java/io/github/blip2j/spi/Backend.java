package io.github.blip2j.spi;

import io.github.blip2j.BackendUnavailableException;
import io.github.blip2j.CheckpointException;
import io.github.blip2j.Device;
import java.util.Optional;

/**
 * An engine that can run BLIP-2, found through {@link java.util.ServiceLoader}. Implementations
 * have a public constructor without arguments that loads no native library, and are safe for many
 * threads.
 */
public interface Backend {
  /**
   * The name by which users choose this backend.
   *
   * @return a short lower-case word, unique among installed backends
   */
  String id();

  /**
   * Rank among the backends that can run: the highest is taken when the user names none.
   *
   * @return any number; the library's own are 20 (onnx) and 10 (djl)
   */
  int priority();

  /**
   * Why this backend cannot run on a device here. May load native libraries.
   *
   * @param device where the model would run
   * @return the reason, or nothing if it can run
   */
  Optional<String> obstacle(Device device);

  /**
   * Loads a model. The caller owns and closes it.
   *
   * @param request what to load and how
   * @return the model, ready to run
   * @throws CheckpointException if a tensor is missing or has another shape than its configuration
   * @throws BackendUnavailableException if the device cannot be used
   */
  LoadedModel load(LoadRequest request);
}
