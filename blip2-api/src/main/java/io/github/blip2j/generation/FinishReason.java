package io.github.blip2j.generation;

/** Why a text ended. */
public enum FinishReason {
  /** The model wrote an end token. */
  EOS,
  /** The most new tokens, or the checkpoint's last position, was reached. */
  LENGTH,
  /** A stop string was written; the text is cut before it. */
  STOP,
  /** The time was up. */
  DEADLINE,
  /** It was cancelled, or the thread that computed it was interrupted. */
  CANCELLED;

  /**
   * The name used in JSON.
   *
   * @return lower case, such as {@code eos}
   */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
