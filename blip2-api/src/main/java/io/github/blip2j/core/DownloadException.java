package io.github.blip2j.core;

import org.jspecify.annotations.Nullable;

/**
 * A model that could not be downloaded from the Hub; the message says why and what to do. Whatever
 * has been transferred is kept, and the next try goes on from there.
 */
public final class DownloadException extends Blip2Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the model or file, what went wrong and what to do
   */
  public DownloadException(String message) {
    this(message, null);
  }

  /**
   * Creates the exception.
   *
   * @param message the model or file, what went wrong and what to do
   * @param cause what reported it first, or null
   */
  public DownloadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
