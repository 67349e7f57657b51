package io.github.blip2j;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Something that a thread of its own makes while the caller does something else. Owned by the
 * thread that began it, which ends with {@link #get} or {@link #discard}: then nothing is made any
 * more.
 *
 * @param <T> what is made
 */
final class Beside<T> {
  private final CompletableFuture<T> making;

  private Beside(CompletableFuture<T> making) {
    this.making = making;
  }

  /**
   * Begins.
   *
   * @param name of the thread
   * @param maker is run there
   */
  static <T> Beside<T> of(String name, Supplier<T> maker) {
    return new Beside<>(
        CompletableFuture.supplyAsync(maker, task -> new Thread(task, name).start()));
  }

  /**
   * Waits for it.
   *
   * @return what was made, which is the caller's
   * @throws RuntimeException what making it threw, the same object; or an {@link Error}
   */
  T get() {
    try {
      return making.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException thrown ? thrown : e;
    }
  }

  /** Throws what making it threw, if it has; does not wait. */
  void requireNoFailure() {
    if (making.isCompletedExceptionally()) {
      get();
    }
  }

  /**
   * Waits for it, because something else has failed.
   *
   * @param closer is given what was made, if anything was
   */
  void discard(Consumer<T> closer) {
    making.thenAccept(closer).exceptionally(thrown -> null).join();
  }
}
