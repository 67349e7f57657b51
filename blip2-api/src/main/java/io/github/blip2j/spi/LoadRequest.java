package io.github.blip2j.spi;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.LoadListener;
import java.nio.file.Path;

/**
 * What a backend is asked to load.
 *
 * @param checkpoint settings and weights
 * @param execution how to run it
 * @param cacheDirectory where a backend may keep files that it derives from a checkpoint; may not
 *     exist yet
 * @param listener is told of progress, in the loading thread
 */
public record LoadRequest(
    Checkpoint checkpoint, Execution execution, Path cacheDirectory, LoadListener listener) {}
