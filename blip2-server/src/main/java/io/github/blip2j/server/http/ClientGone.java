package io.github.blip2j.server.http;

import org.jspecify.annotations.Nullable;

/** Whoever asked is no longer there, or too slow: there is nobody to answer. */
public final class ClientGone extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With what reported it, or null. */
  public ClientGone(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
