package io.github.blip2j.core;

import org.jspecify.annotations.Nullable;

/**
 * A forward pass that an engine could not complete, or work of several passes that an interrupt
 * stopped; the message names the stage.
 */
public final class InferenceException extends Blip2Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the stage and what the engine said
   */
  public InferenceException(String message) {
    this(message, null);
  }

  /**
   * Creates the exception.
   *
   * @param message the stage and what the engine said
   * @param cause what reported it first, or null
   */
  public InferenceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
