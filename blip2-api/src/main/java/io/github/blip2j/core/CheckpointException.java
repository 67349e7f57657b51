package io.github.blip2j.core;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

  /**
   * A file that cannot be read, with the reason in words: what the platform says is often only the
   * file's name, and of an interrupted thread nothing.
   *
   * @param file where it is
   * @param cause what the platform said
   * @return an exception whose message has the file and the reason
   */
  public static CheckpointException unreadable(Path file, IOException cause) {
    return new CheckpointException(file + ": cannot be read: " + reason(file, cause), cause);
  }

  private static String reason(Path file, IOException cause) {
    if (cause instanceof ClosedByInterruptException) {
      return "the thread was interrupted";
    }
    if (cause instanceof AccessDeniedException) {
      return "access is denied";
    }
    if (cause instanceof NoSuchFileException) {
      return "there is no such file, or a link leads nowhere";
    }
    String said = cause.getMessage();
    if (said == null || said.equals(file.toString())) {
      return cause.getClass().getSimpleName();
    }
    return said;
  }
}
