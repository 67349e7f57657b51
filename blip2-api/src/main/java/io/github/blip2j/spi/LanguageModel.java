package io.github.blip2j.spi;

/** The frozen language model. All state of a text under way is in a session. */
public interface LanguageModel {
  /**
   * Opens a session with an empty cache. The caller owns and closes it.
   *
   * @param rows number B of sequences, at least 1
   * @param capacity most positions that any row will have: of a decoder, picture and prompt
   *     included; of an encoder and decoder, those of the decoder with its start token. At most the
   *     checkpoint's {@link io.github.blip2j.family.TextConfig#maxPositions()}
   * @return the session
   * @throws IllegalArgumentException if either is out of range
   */
  LanguageSession open(int rows, int capacity);

  /**
   * Most further steps that a session takes in one call of {@link LanguageSession#appendAhead}: for
   * devices to which every call is a long way.
   *
   * @return 0 if sessions have no such call
   */
  default int stepsAhead() {
    return 0;
  }
}
