package io.github.blip2j.spi;

import java.util.Optional;

/**
 * The frozen language model. All state of a text under way is in a session. What sessions can do
 * beyond one step a call, the model says once: {@link #drafting} and {@link #stepping}.
 */
public interface LanguageModel {
  /**
   * Opens a session with an empty cache. The caller owns and closes it.
   *
   * @param rows number B of sequences, at least 1
   * @param capacity most positions that any row will have: of a decoder, image and prompt included;
   *     of an encoder and decoder, those of the decoder with its start token. At most the
   *     checkpoint's {@link io.github.blip2j.family.TextConfig#maxPositions()}
   * @return the session
   * @throws IllegalArgumentException if either is out of range
   */
  LanguageSession open(int rows, int capacity);

  /**
   * Its sessions with a draft.
   *
   * @return a view of this model; nothing if no draft was loaded
   */
  default Optional<Drafting> drafting() {
    return Optional.empty();
  }

  /**
   * Its sessions that take several steps in one call: for devices to which every call is a long
   * way.
   *
   * @return a view of this model; nothing if its sessions take one step a call
   */
  default Optional<Stepping> stepping() {
    return Optional.empty();
  }

  /** A language model with a draft. */
  interface Drafting {
    /**
     * Opens a session, as {@link LanguageModel#open} does.
     *
     * @param rows number B of sequences, at least 1
     * @param capacity most positions that any row will have
     * @return the session, owned by the caller
     * @throws IllegalArgumentException if either is out of range
     */
    DraftingSession open(int rows, int capacity);
  }

  /** A language model that takes several steps in one call. */
  interface Stepping {
    /**
     * Most further steps that are taken in one call of {@link SteppingSession#appendAhead}.
     *
     * @return at least 1
     */
    int most();

    /**
     * Opens a session, as {@link LanguageModel#open} does.
     *
     * @param rows number B of sequences, at least 1
     * @param capacity most positions that any row will have
     * @return the session, owned by the caller
     * @throws IllegalArgumentException if either is out of range
     */
    SteppingSession open(int rows, int capacity);
  }
}
