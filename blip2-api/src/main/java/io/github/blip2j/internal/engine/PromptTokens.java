package io.github.blip2j.internal.engine;

/**
 * A prompt as the checkpoint's tokenizers have it.
 *
 * @param text ids for the language model
 * @param instruction ids for the Q-Former; empty if it reads images alone
 * @param mostInstruction ids that the Q-Former can read
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, not compared
record PromptTokens(int[] text, int[] instruction, int mostInstruction) {
  /** For a Q-Former that reads images alone. */
  static PromptTokens of(int[] text) {
    return new PromptTokens(text, new int[0], 0);
  }

  /** Whether the Q-Former can read it. */
  boolean readable() {
    return instruction.length <= mostInstruction;
  }

  /**
   * The same, if the Q-Former can read it.
   *
   * @throws IllegalArgumentException if the instruction is too long
   */
  PromptTokens requireReadable() {
    if (!readable()) {
      throw new IllegalArgumentException(
          "the prompt's tokens for the Q-Former ("
              + instruction.length
              + ", or more) must be at most "
              + mostInstruction
              + ": shorten the prompt");
    }
    return this;
  }
}
