package io.github.blip2j.core;

import org.jspecify.annotations.Nullable;

/** An image that cannot be read: missing, damaged, of an unknown format or too large. */
public final class UnreadableImageException extends Blip2Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the image, what was expected and what was found
   */
  public UnreadableImageException(String message) {
    this(message, null);
  }

  /**
   * Creates the exception.
   *
   * @param message the image, what was expected and what was found
   * @param cause what reported it first, or null
   */
  public UnreadableImageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
