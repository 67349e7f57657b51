package io.github.blip2j.family;

import io.github.blip2j.core.CheckpointException;

/** What stands on the Q-Former: a language model that writes, or heads that match. */
public sealed interface HeadConfig permits TextConfig, RetrievalConfig {
  /**
   * Number V of rows of the vocabulary.
   *
   * @return vocabulary size
   */
  int vocabularySize();

  /**
   * Why a checkpoint has no language model.
   *
   * @return an exception to be thrown
   */
  static CheckpointException writesNothing() {
    return new CheckpointException(
        "expected a checkpoint that writes text (Blip2ForConditionalGeneration), found one that"
            + " matches images and texts (Blip2ForImageTextRetrieval)");
  }

  /**
   * Why a checkpoint has no heads that match.
   *
   * @return an exception to be thrown
   */
  static CheckpointException matchesNothing() {
    return new CheckpointException(
        "expected a checkpoint that matches images and texts (Blip2ForImageTextRetrieval), found"
            + " one that writes text");
  }
}
