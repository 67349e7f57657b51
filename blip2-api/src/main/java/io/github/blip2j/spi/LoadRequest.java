package io.github.blip2j.spi;

import io.github.blip2j.Device;
import io.github.blip2j.LoadListener;
import io.github.blip2j.checkpoint.Checkpoint;
import java.nio.file.Path;

/**
 * What a backend is asked to load.
 *
 * @param checkpoint settings and weights
 * @param device where to run; never {@code auto}
 * @param threads threads of one forward pass on a CPU; at least 1
 * @param cacheDirectory where a backend may keep files that it derives from a checkpoint; may not
 *     exist yet
 * @param listener is told of progress, in the loading thread
 */
public record LoadRequest(
    Checkpoint checkpoint, Device device, int threads, Path cacheDirectory, LoadListener listener) {

  /** Checks the number of threads. */
  public LoadRequest {
    if (threads < 1) {
      throw new IllegalArgumentException("threads (" + threads + ") must be at least 1");
    }
  }
}
