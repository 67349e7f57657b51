package io.github.blip2j.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where the lines of a conversation come from, and how its user stops an answer. For one thread.
 */
interface Questions extends AutoCloseable {
  /**
   * The next line, or null behind the last.
   *
   * @throws IllegalArgumentException if it is too long to be kept
   * @throws IOException if it cannot be read; says so
   */
  @Nullable String next() throws IOException;

  /**
   * Does what takes a while.
   *
   * @param work is done in this thread
   * @param stop is run, in any thread, if the user interrupts it
   */
  void interruptibly(Runnable work, Runnable stop);

  /** Leaves the terminal as it was. */
  @Override
  void close() throws IOException;
}
