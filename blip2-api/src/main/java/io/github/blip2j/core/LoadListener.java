package io.github.blip2j.core;

import java.util.List;

/** Is told how a model will be loaded, and how far the loading has come. */
@FunctionalInterface
public interface LoadListener {
  /** Listens to nothing. */
  LoadListener NONE = (stage, done, total) -> {};

  /**
   * Called in the loading thread; should return soon. What it throws ends the loading.
   *
   * @param stage what is being loaded, such as {@code vision}, or made before that because it is
   *     not in the cache folder, such as {@code preparing vision}, or {@code merging adapter}; of a
   *     conversion, {@code converting weights}, with bytes that are written, and before it, if it
   *     is calibrated, {@code calibrating}, with images
   * @param done bytes of this stage's weights, as they are stored in the checkpoint, that are done,
   *     from 0 to {@code total}
   * @param total bytes of all of them, at least 1
   */
  void progress(String stage, long done, long total);

  /**
   * Called once in the loading thread, before any progress but that of an adapter, whose weights
   * the plan is about: how the model will run. What it throws ends the loading. Does nothing unless
   * it is overridden.
   *
   * @param plan what was asked for or is usual, and then what the backend made of it; unmodifiable
   */
  default void planned(List<Decision<?>> plan) {}

  /**
   * Called while files of a model are downloaded, which happens before anything else. Every file
   * that is not here yet is announced once before the first byte is asked for, with what an earlier
   * try has left of it; later calls come in the threads that download, several at once, but never
   * two calls at a time. Should return soon; what it throws ends the download. Does nothing unless
   * it is overridden.
   *
   * @param file name of the file, such as {@code model.safetensors}
   * @param done bytes that are here, from 0 to {@code total}; fewer than before if it starts again
   * @param total bytes of the file
   */
  default void downloading(String file, long done, long total) {}
}
