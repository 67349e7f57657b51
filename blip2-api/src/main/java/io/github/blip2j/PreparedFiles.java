package io.github.blip2j;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files that backends have derived from checkpoints, such as quantised weights, in a cache
 * folder. They can be deleted whenever no model that uses them is open: they are made anew when
 * they are needed. Safe for many threads and processes.
 */
public final class PreparedFiles {
  private static final String SUFFIX = ".safetensors";
  private static final String PARTIAL = ".partial";
  private static final String LOCK = ".lock"; // DerivedFile's

  private final Path folder;

  private PreparedFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * The files of a cache folder.
   *
   * @param cacheDirectory such as {@link Blip2#defaultCacheDirectory()}; need not exist
   * @return a view of it
   */
  public static PreparedFiles in(Path cacheDirectory) {
    return new PreparedFiles(cacheDirectory);
  }

  /**
   * One file.
   *
   * @param path where it is
   * @param bytes its size
   * @param lastUsed when a model was last opened with it
   * @param about what it says of itself, such as {@code stage} and {@code checkpoint}; may be empty
   */
  public record Entry(Path path, long bytes, Instant lastUsed, Map<String, String> about) {
    /** Copies the texts. */
    public Entry {
      about = Map.copyOf(about);
    }
  }

  /**
   * All files.
   *
   * @return the most recently used first
   * @throws UncheckedIOException if the folder cannot be read
   */
  public List<Entry> entries() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    for (Path place : places()) {
      try (Stream<Path> files = Files.list(place)) {
        for (Path file : files.filter(PreparedFiles::counts).toList()) {
          entry(file).ifPresent(entries::add);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(place + ": cannot be read: " + e.getMessage(), e);
      }
    }
    entries.sort(Comparator.comparing(Entry::lastUsed).reversed());
    return List.copyOf(entries);
  }

  /** The folders in which derived files are made, whoever makes them: each has a lock. */
  private List<Path> places() {
    try (Stream<Path> folders = Files.list(folder)) {
      return folders.filter(f -> Files.isRegularFile(f.resolve(LOCK))).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Whole files, and what is left of a process that was killed a day ago or more. */
  private static boolean counts(Path file) {
    String name = file.toString();
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    return name.endsWith(SUFFIX)
        || name.endsWith(PARTIAL) && file.toFile().lastModified() < yesterday.toEpochMilli();
  }

  /** Nothing if another process has deleted it meanwhile. */
  private static Optional<Entry> entry(Path file) throws IOException {
    try {
      Path sum = sum(file);
      Instant used = Files.getLastModifiedTime(Files.exists(sum) ? sum : file).toInstant();
      return Optional.of(new Entry(file, Files.size(file), used, about(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Its checksum, which is touched when it is used. */
  private static Path sum(Path file) {
    return file.resolveSibling(file.getFileName() + ".sum");
  }

  private static Map<String, String> about(Path file) {
    try {
      return Weights.metadata(file);
    } catch (CheckpointException e) {
      return Map.of(); // a damaged file is listed too, so that it can be deleted
    }
  }

  /**
   * Deletes the least recently used files until the others fit.
   *
   * @param mostBytes of the files that stay; 0 deletes all
   * @return bytes deleted
   * @throws UncheckedIOException if a file cannot be deleted
   */
  public long trim(long mostBytes) {
    if (mostBytes < 0) {
      throw new IllegalArgumentException("mostBytes (" + mostBytes + ") must be at least 0");
    }
    long kept = 0;
    long deleted = 0;
    for (Entry entry : entries()) {
      kept += entry.bytes(); // once it is too much, all that were used before go too
      if (kept <= mostBytes) {
        continue;
      }
      try {
        Files.deleteIfExists(entry.path());
        Files.deleteIfExists(sum(entry.path()));
      } catch (IOException e) {
        throw new UncheckedIOException(entry.path() + ": cannot be deleted: " + e.getMessage(), e);
      }
      deleted += entry.bytes();
    }
    return deleted;
  }
}
