package io.github.blip2j.spi;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.family.ModelProgram;
import java.nio.file.Path;

/**
 * What a backend is asked to load.
 *
 * @param checkpoint settings and weights
 * @param program what it computes, made once for planning, estimating and loading
 * @param execution how to run it
 * @param cacheDirectory where a backend may keep files that it derives from a checkpoint; may not
 *     exist yet
 * @param listener is told of progress, in the loading thread
 */
public record LoadRequest(
    Checkpoint checkpoint,
    ModelProgram program,
    Execution execution,
    Path cacheDirectory,
    LoadListener listener) {

  /**
   * A request for all that a checkpoint computes.
   *
   * @param checkpoint settings and weights
   * @param execution how to run it
   * @param cacheDirectory where a backend may keep files that it derives from a checkpoint; may not
   *     exist yet
   * @param listener is told of progress, in the loading thread
   * @throws CheckpointException if a tensor is missing or has another shape than its configuration
   */
  public LoadRequest(
      Checkpoint checkpoint, Execution execution, Path cacheDirectory, LoadListener listener) {
    this(checkpoint, checkpoint.program(), execution, cacheDirectory, listener);
  }

  /**
   * The same model, run in another way.
   *
   * @param other how
   * @return a request for it
   */
  public LoadRequest with(Execution other) {
    return new LoadRequest(checkpoint, program, other, cacheDirectory, listener);
  }

  /**
   * The same, told to another.
   *
   * @param other is told of progress, in the loading thread
   * @return a request for it
   */
  public LoadRequest with(LoadListener other) {
    return new LoadRequest(checkpoint, program, execution, cacheDirectory, other);
  }
}
