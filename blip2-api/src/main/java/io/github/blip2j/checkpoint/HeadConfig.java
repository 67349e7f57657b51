package io.github.blip2j.checkpoint;

/** What stands on the Q-Former: a language model that writes, or heads that match. */
public sealed interface HeadConfig permits TextConfig, RetrievalConfig {
  /**
   * Number V of rows of the vocabulary.
   *
   * @return vocabulary size
   */
  int vocabularySize();
}
