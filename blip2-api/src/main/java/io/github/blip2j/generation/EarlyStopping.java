package io.github.blip2j.generation;

/** When a beam search that has found {@code num_beams} texts stops looking for better ones. */
public enum EarlyStopping {
  /** When no open beam can be expected to become better: the reference's default, a heuristic. */
  FALSE,
  /** At once. */
  TRUE,
  /** When no open beam can become better, whatever its length. */
  NEVER;

  /**
   * Reads the reference's value.
   *
   * @param value {@code true}, {@code false} or {@code never}
   * @return the rule
   * @throws IllegalArgumentException if it is none of these
   */
  public static EarlyStopping parse(String value) {
    return switch (value) {
      case "true" -> TRUE;
      case "false" -> FALSE;
      case "never" -> NEVER;
      default ->
          throw new IllegalArgumentException(
              "early_stopping (" + value + ") must be true, false or never");
    };
  }
}
