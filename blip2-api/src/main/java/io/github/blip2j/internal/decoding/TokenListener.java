package io.github.blip2j.internal.decoding;

/**
 * Is told of every token as soon as it is chosen, in the generating thread: the hook of streaming.
 */
@FunctionalInterface
public interface TokenListener {
  /** Listens to nothing. */
  TokenListener NONE = (row, id) -> {};

  /**
   * Called once a row and step. What it throws ends the generation.
   *
   * @param row the text, the new token already in it
   * @param id the new token
   */
  void token(Row row, int id);
}
