package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A folder that appears under its name only when it is whole and on the disk: it is filled in a
 * hidden folder beside its place, which is renamed. What a process that was killed has left there
 * is removed by the next that makes the same folder. Owned by one thread.
 */
public final class NewFolder implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final String PARTIAL = ".partial";

  /** Names of this process' own: to open and close a lock of theirs would give it back. */
  private static final Set<String> OWN = ConcurrentHashMap.newKeySet();

  private final Path target;
  private final String name;
  private final Path partial;
  private final FileChannel lock; // held for as long as this process is alive
  private boolean committed;

  /**
   * Begins a folder.
   *
   * @param target its place, where nothing is yet; the folder around it is created
   * @throws CheckpointException if something is there, or nothing can be written there
   */
  public NewFolder(Path target) {
    this.target = target.toAbsolutePath().normalize();
    requireFree(this.target);
    Path around = Objects.requireNonNull(this.target.getParent(), "a folder");
    name = prefix() + UUID.randomUUID() + PARTIAL;
    OWN.add(name);
    try {
      Files.createDirectories(around);
      sweep(around);
      partial = Files.createDirectory(around.resolve(name));
      lock =
          FileChannel.open(
              partial.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Objects.requireNonNull(lock.tryLock(), "a lock on a file that was just made");
    } catch (IOException e) {
      OWN.remove(name);
      throw new CheckpointException(target + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** Demands that nothing is in a place. */
  static void requireFree(Path target) {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new CheckpointException(
          target + ": expected a name that is free, found something there; name another folder");
    }
  }

  private String prefix() {
    return "." + target.getFileName() + ".";
  }

  /** Folders of processes that live no more: nobody holds their lock. */
  private void sweep(Path around) throws IOException {
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(around, name -> isPartial(name.getFileName().toString()))) {
      for (Path folder : folders) {
        if (isForgotten(folder)) {
          // Renamed first: if its process is just giving it its name, only one of the two succeeds.
          Path dead = around.resolve(prefix() + UUID.randomUUID() + PARTIAL);
          Files.move(folder, dead, StandardCopyOption.ATOMIC_MOVE);
          delete(dead);
        }
      }
    }
  }

  private boolean isPartial(String found) {
    return found.startsWith(prefix()) && found.endsWith(PARTIAL) && !OWN.contains(found);
  }

  private static boolean isForgotten(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      return held != null;
    } catch (java.nio.channels.OverlappingFileLockException e) {
      return false; // held in this process, by this library in another class loader
    } catch (java.nio.file.NoSuchFileException e) {
      return true; // ended before its lock
    }
  }

  /**
   * Where to write.
   *
   * @return a folder that only this object knows
   */
  public Path folder() {
    return partial;
  }

  /**
   * Refuses to fill a disk.
   *
   * @param bytes that will be written
   * @throws CheckpointException if there is no room for them; says how much there is
   */
  void requireRoom(long bytes) {
    try {
      long room = Files.getFileStore(partial).getUsableSpace();
      if (room < bytes) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s: expected room for %.1f GB, found %.1f GB; free some or choose another disk",
                target,
                bytes / 1e9,
                room / 1e9));
      }
    } catch (IOException e) {
      throw new CheckpointException(target + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Puts everything on the disk and gives the folder its name.
   *
   * @throws CheckpointException if it cannot, or something has taken the name meanwhile
   */
  public void commit() {
    Path held = partial.resolve(LOCK);
    try {
      try (Stream<Path> files = Files.walk(partial)) {
        for (Path file : (Iterable<Path>) files.filter(f -> !f.equals(held))::iterator) {
          force(file);
        }
      }
      requireFree(target);
      lock.close(); // as late as can be: without it others may take the folder for forgotten
      Files.delete(held);
      force(partial);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      committed = true;
      force(Objects.requireNonNull(target.getParent()));
    } catch (IOException e) {
      throw new CheckpointException(target + ": cannot be written: " + e, e);
    }
  }

  /** A folder cannot be opened on every system; where it can, its names are on the disk then. */
  private static void force(Path path) throws IOException {
    boolean folder = Files.isDirectory(path);
    try (FileChannel channel =
        FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      if (!folder) {
        throw e;
      }
    }
  }

  /** Removes what was written, unless it was committed. */
  @Override
  public void close() {
    try {
      lock.close();
      if (!committed) {
        delete(partial);
      }
    } catch (IOException e) {
      throw new CheckpointException(partial + ": cannot be removed: " + e.getMessage(), e);
    } finally {
      OWN.remove(name);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      List<Path> all;
      try (Stream<Path> files = Files.walk(folder)) {
        all = files.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : all) {
        Files.deleteIfExists(each);
      }
    }
  }
}
