package io.github.blip2j.core;

/** Is told how far the loading of a model has come. */
@FunctionalInterface
public interface LoadListener {
  /** Listens to nothing. */
  LoadListener NONE = (stage, done, total) -> {};

  /**
   * Called in the loading thread; should return soon. What it throws ends the loading.
   *
   * @param stage what is being loaded, such as {@code vision}
   * @param done units of this stage that are done, from 0 to {@code total}
   * @param total units of this stage, at least 1
   */
  void progress(String stage, long done, long total);
}
