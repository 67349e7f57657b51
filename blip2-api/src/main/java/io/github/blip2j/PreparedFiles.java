package io.github.blip2j;

import io.github.blip2j.checkpoint.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files that backends have derived from checkpoints, such as quantised weights, in a cache
 * folder. They can be deleted whenever no model that uses them is open: they are made anew when
 * they are needed. Safe for many threads and processes.
 */
public final class PreparedFiles {
  private static final String SUFFIX = ".safetensors";

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
    for (String part : List.of("onnx", "positions")) {
      Path place = folder.resolve(part);
      if (!Files.isDirectory(place)) {
        continue;
      }
      try (Stream<Path> files = Files.list(place)) {
        for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
          entries.add(
              new Entry(
                  file,
                  Files.size(file),
                  Files.getLastModifiedTime(file).toInstant(),
                  about(file)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(place + ": cannot be read: " + e.getMessage(), e);
      }
    }
    entries.sort(Comparator.comparing(Entry::lastUsed).reversed());
    return List.copyOf(entries);
  }

  private static Map<String, String> about(Path file) {
    try {
      return Checkpoint.metadataOf(file);
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
      if (kept + entry.bytes() <= mostBytes) {
        kept += entry.bytes();
        continue;
      }
      try {
        Files.deleteIfExists(entry.path());
      } catch (IOException e) {
        throw new UncheckedIOException(entry.path() + ": cannot be deleted: " + e.getMessage(), e);
      }
      deleted += entry.bytes();
    }
    return deleted;
  }
}
