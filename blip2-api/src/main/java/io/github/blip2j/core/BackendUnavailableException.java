package io.github.blip2j.core;

import org.jspecify.annotations.Nullable;

/** No backend that was asked for can run here; the message has the reason of each. */
public final class BackendUnavailableException extends Blip2Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the reason of each backend
   */
  public BackendUnavailableException(String message) {
    this(message, null);
  }

  /**
   * Creates the exception.
   *
   * @param message the reason of each backend
   * @param cause what reported it first, or null
   */
  public BackendUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
