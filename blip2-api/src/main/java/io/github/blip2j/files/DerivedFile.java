package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * A safetensors file that is made of a checkpoint once and kept in a cache folder, with a checksum
 * beside it. What is damaged is made anew. One thread of one process makes files in a folder at a
 * time; the others wait and find them. Safe for many threads and processes.
 */
public final class DerivedFile {
  private static final Object MAKING = new Object(); // a file's lock is a process', not a thread's
  private static final String LOCK = ".lock";
  private static final long POLL_MILLIS = 100;

  private DerivedFile() {}

  /**
   * Opens a file, after making it if it is not there or not what was made.
   *
   * @param file its place; the folder is created
   * @param sources what it is made of, as that was when the file's name was chosen
   * @param maker writes the file with a {@link SafetensorsWriter} and returns its {@link
   *     SafetensorsWriter#checksum()}
   * @return its tensors
   * @throws CheckpointException if it cannot be made, or a source was replaced meanwhile: then
   *     nothing is kept
   */
  public static List<WeightTensor> open(Path file, WeightFiles sources, LongSupplier maker) {
    if (!FileSeal.holds(file)) {
      make(file, sources, maker);
    }
    try {
      Files.setLastModifiedTime(FileSeal.place(file), FileTime.from(Instant.now())); // it was used
    } catch (IOException e) {
      // A folder that is only readable is still good.
    }
    return List.copyOf(Safetensors.read(file).values());
  }

  private static void make(Path file, WeightFiles sources, LongSupplier maker) {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a folder");
    synchronized (MAKING) {
      try {
        Files.createDirectories(folder);
        try (FileChannel lock =
                FileChannel.open(
                    folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock held = held(lock)) {
          sweep(folder);
          if (held.isValid() && !FileSeal.holds(file)) {
            Files.deleteIfExists(file); // whoever has it mapped keeps the old one
            long checksum = maker.getAsLong();
            requireSame(sources, file);
            FileSeal.write(file, checksum);
          }
        }
      } catch (IOException e) {
        throw new CheckpointException(file + ": cannot be prepared: " + e, e);
      }
    }
  }

  private static void requireSame(WeightFiles sources, Path made) throws IOException {
    try {
      sources.requireSame();
    } catch (CheckpointException e) {
      Files.deleteIfExists(made);
      throw e;
    }
  }

  /** Waits for the lock; of one that this process holds in another class loader Java says so. */
  private static FileLock held(FileChannel lock) throws IOException {
    while (true) {
      try {
        return lock.lock();
      } catch (OverlappingFileLockException e) {
        rest();
      }
    }
  }

  private static void rest() throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while another made files in the folder");
    }
  }

  /** Under the lock nobody else writes here: what is not whole is of a process that was killed. */
  private static void sweep(Path folder) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.partial")) {
      for (Path partial : left) {
        Files.deleteIfExists(partial);
      }
    }
  }
}
