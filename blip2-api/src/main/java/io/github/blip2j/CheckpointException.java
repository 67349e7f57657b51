package io.github.blip2j;

import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that cannot be used: a file, a tensor or a setting, with what was expected and
 * found.
 */
public final class CheckpointException extends Blip2Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the file, what was expected and what was found
   */
  public CheckpointException(String message) {
    this(message, null);
  }

  /**
   * Creates the exception.
   *
   * @param message the file, what was expected and what was found
   * @param cause what reported it first, or null
   */
  public CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
