package io.github.blip2j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What was written did not arrive: whoever reads it has gone, or the disk is full. */
final class LostOutputException extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  LostOutputException(IOException cause) {
    super("standard output: " + cause.getMessage(), cause);
  }
}
