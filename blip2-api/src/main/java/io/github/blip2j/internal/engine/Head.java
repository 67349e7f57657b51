package io.github.blip2j.internal.engine;

/** What a checkpoint's Q-Former is read by: a language model that writes, or heads that match. */
sealed interface Head extends AutoCloseable permits WritingHead, MatchingHead {
  @Override
  default void close() {}
}
