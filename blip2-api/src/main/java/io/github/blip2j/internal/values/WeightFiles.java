package io.github.blip2j.internal.values;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files that a model's weights are mapped from, as they were when it was opened. A mapped file
 * that is written over changes the model's answers, and one that is cut ends the process. One that
 * is replaced by renaming, or deleted, stays what it was for the model that has it mapped.
 * Immutable; safe for many threads.
 */
public final class WeightFiles {
  private final Map<Path, Stamp> stamps;

  private WeightFiles(Map<Path, Stamp> stamps) {
    this.stamps = stamps;
  }

  private record Stamp(long size, FileTime modified, @Nullable Object key) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(now.size(), now.lastModifiedTime(), now.fileKey());
    }
  }

  /**
   * Notes what files are now.
   *
   * @param files the files
   * @return their sizes and times
   * @throws CheckpointException if one is not there
   */
  public static WeightFiles of(Collection<Path> files) {
    Map<Path, Stamp> stamps = new LinkedHashMap<>();
    for (Path file : files) {
      try {
        stamps.put(file, Stamp.of(file));
      } catch (IOException e) {
        throw CheckpointException.unreadable(file, e);
      }
    }
    return new WeightFiles(stamps);
  }

  /**
   * Notes further files.
   *
   * @param files the files
   * @return these and those
   * @throws CheckpointException if one is not there
   */
  public WeightFiles with(Collection<Path> files) {
    Map<Path, Stamp> all = new LinkedHashMap<>(of(files).stamps);
    all.putAll(stamps);
    return new WeightFiles(all);
  }

  /**
   * Refuses to go on with files that were written to since.
   *
   * @throws CheckpointException naming the file, with its size and time then and now
   */
  public void requireUnchanged() {
    stamps.forEach(WeightFiles::require);
  }

  private static void require(Path file, Stamp opened) {
    Stamp now;
    try {
      now = Stamp.of(file);
    } catch (NoSuchFileException e) {
      return; // deleted: the mapping keeps it
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
    boolean replaced = !Objects.equals(opened.key(), now.key());
    if (!replaced && !opened.equals(now)) {
      throw new CheckpointException(
          file
              + ": expected "
              + opened.size()
              + " bytes of "
              + opened.modified()
              + " as when the model was opened, found "
              + now.size()
              + " of "
              + now.modified()
              + ": it was written to while in use. Close this model and load it again; replace"
              + " weight files by renaming a new one over the old");
    }
  }
}
