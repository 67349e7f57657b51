package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One at a time downloads a file: of this class, of another class loader, of another process. */
class BlobLockTest {
  @TempDir Path folder;

  private Path place() {
    return folder.resolve("hash.lock");
  }

  private boolean takeAndGiveBack() throws IOException, InterruptedException {
    try (BlobLock lock = BlobLock.take(place())) {
      return lock.exclusive();
    }
  }

  /** A task on a thread that has come to wait, or to its end. */
  private static FutureTask<Boolean> waiting(Callable<Boolean> work) {
    FutureTask<Boolean> task = new FutureTask<>(work);
    Thread thread = new Thread(task);
    thread.start();
    while (!task.isDone() && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return task;
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(place(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Java refuses a second lock of one process, whoever has the first; it says so by throwing. */
  @Test
  void aLockOfAnotherClassLoaderIsWaitedFor() throws Exception {
    try (FileChannel other = open();
        FileLock held = other.lock()) {
      FutureTask<Boolean> second = waiting(this::takeAndGiveBack);
      assertThat(second.isDone()).isFalse();
      held.release();
      assertThat(second.get()).as("exclusive").isTrue();
    }
  }

  @Test
  void aLockOfAnotherThreadIsWaitedFor() throws Exception {
    FutureTask<Boolean> second;
    try (BlobLock first = BlobLock.take(place())) {
      assertThat(first.exclusive()).isTrue();
      second = waiting(this::takeAndGiveBack);
      assertThat(second.isDone()).isFalse();
    }
    assertThat(second.get()).isTrue();
    assertThat(takeAndGiveBack()).as("given back").isTrue();
  }

  @Test
  void anInterruptEndsTheWaitAndLeavesNothingHeld() throws Exception {
    try (FileChannel other = open();
        FileLock held = other.lock()) {
      FutureTask<Boolean> second =
          waiting(
              () -> {
                Thread.currentThread().interrupt();
                return takeAndGiveBack();
              });
      assertThatThrownBy(second::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InterruptedException.class);
      assertThat(held.isValid()).isTrue();
    }
    assertThat(takeAndGiveBack()).isTrue();
  }
}
