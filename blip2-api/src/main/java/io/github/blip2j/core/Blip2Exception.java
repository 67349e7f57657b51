package io.github.blip2j.core;

import org.jspecify.annotations.Nullable;

/**
 * What can go wrong outside the caller's own code. Misuse of the interface is an {@link
 * IllegalArgumentException} or {@link IllegalStateException} instead.
 */
public abstract sealed class Blip2Exception extends RuntimeException
    permits CheckpointException,
        DownloadException,
        UnreadableImageException,
        BackendUnavailableException,
        InferenceException,
        OverloadedException {
  private static final long serialVersionUID = 1L;

  Blip2Exception(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
