package io.github.blip2j.spi;

import io.github.blip2j.core.CheckpointException;
import java.nio.file.Path;
import java.util.List;

/** Weights and compiled forward passes of one checkpoint, immutable and shared by threads. */
public interface LoadedModel extends AutoCloseable {
  /**
   * The vision encoder.
   *
   * @return a stage owned by this model, safe for many threads
   */
  VisionEncoder vision();

  /**
   * The Q-Former and the projection into the language model's space.
   *
   * @return a stage owned by this model, safe for many threads
   */
  QFormer qformer();

  /**
   * The language model.
   *
   * @return a stage owned by this model, safe for many threads
   * @throws CheckpointException if the checkpoint writes no text
   */
  LanguageModel language();

  /**
   * The heads that match pictures and texts.
   *
   * @return a stage owned by this model, safe for many threads
   * @throws CheckpointException if the checkpoint has none
   */
  Retrieval retrieval();

  /**
   * Files beside the checkpoint's own that stay mapped while this model is open.
   *
   * @return their paths; none unless a backend derives files
   */
  default List<Path> mappedFiles() {
    return List.of();
  }

  /**
   * Releases weights and graphs.
   *
   * @throws IllegalStateException if a session is still open; says how many
   */
  @Override
  void close();
}
