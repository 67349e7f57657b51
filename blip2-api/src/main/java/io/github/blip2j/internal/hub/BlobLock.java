package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other threads and processes of this library from downloading the same file at the same
 * time. It saves bandwidth and guards the partial file; that nothing wrong becomes visible does not
 * depend on it. Python's client, which locks in another way on Linux, is not kept out.
 */
final class BlobLock implements AutoCloseable {
  /** A process' lock on a file ends when any thread closes it: one thread at a time opens it. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final long POLL_MILLIS = 100;

  private final Path file;
  private final @Nullable FileChannel channel;

  private BlobLock(Path file, @Nullable FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param place of the lock's file, which stays
   * @throws IOException if its folder cannot be made
   */
  static BlobLock take(Path place) throws IOException, InterruptedException {
    Path file = place.toAbsolutePath();
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    while (!HELD.add(file)) {
      Thread.sleep(POLL_MILLIS);
    }
    FileChannel channel = null;
    boolean taken = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      while (lock == null) {
        Thread.sleep(POLL_MILLIS);
        lock = lock(channel);
      }
      taken = true;
      return new BlobLock(file, channel);
    } catch (IOException e) {
      taken = true;
      return new BlobLock(file, closed(channel)); // a file system without locks
    } finally {
      if (!taken) {
        closed(channel);
        HELD.remove(file);
      }
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held in this process, by this library in another class loader
    }
  }

  private static @Nullable FileChannel closed(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // the lock is given back all the same
    }
    return null;
  }

  /** Whether other processes are kept out. */
  boolean exclusive() {
    return channel != null;
  }

  @Override
  public void close() {
    closed(channel);
    HELD.remove(file);
  }
}
