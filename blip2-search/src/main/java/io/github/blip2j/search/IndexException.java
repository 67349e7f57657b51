package io.github.blip2j.search;

import org.jspecify.annotations.Nullable;

/** An index that cannot be used: where, what was expected and what was found. */
public final class IndexException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the index, what was expected and what was found
   * @param cause what reported it first, or null
   */
  public IndexException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
