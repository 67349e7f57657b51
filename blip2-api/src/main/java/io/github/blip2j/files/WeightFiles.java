package io.github.blip2j.files;

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
 * The files that weights are in, as they were when they were opened. A mapped file that is written
 * over changes the model's answers, and one that is cut ends the process. One that is replaced by
 * renaming, or deleted, stays what it was for the model that has it mapped, but not for whoever
 * opens it again by its name. Immutable; safe for many threads.
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

    /** Null where there is no such file. */
    static @Nullable Stamp find(Path file) {
      try {
        return of(file);
      } catch (NoSuchFileException e) {
        return null;
      } catch (IOException e) {
        throw CheckpointException.unreadable(file, e);
      }
    }

    @Override
    public String toString() {
      return size + " bytes of " + modified;
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
   * Notes what the files of some tensors are now.
   *
   * @param tensors in files
   * @return their files' sizes and times
   * @throws CheckpointException if one is not there
   */
  public static WeightFiles holding(Collection<WeightTensor> tensors) {
    return of(tensors.stream().map(WeightTensor::file).distinct().toList());
  }

  /**
   * Notes further files.
   *
   * @param files the files
   * @return these and those
   * @throws CheckpointException if one is not there
   */
  public WeightFiles with(Collection<Path> files) {
    return with(of(files));
  }

  /**
   * Joins two.
   *
   * @param others that may be among these
   * @return these and those
   */
  public WeightFiles with(WeightFiles others) {
    Map<Path, Stamp> all = new LinkedHashMap<>(others.stamps);
    all.putAll(stamps);
    return new WeightFiles(all);
  }

  /**
   * Refuses to go on with mapped files that were written to since.
   *
   * @throws CheckpointException naming the file, with its size and time then and now
   */
  public void requireUnchanged() {
    stamps.forEach(
        (file, opened) -> {
          Stamp now = Stamp.find(file);
          if (now != null && Objects.equals(opened.key(), now.key()) && !opened.equals(now)) {
            throw new CheckpointException(
                expected(file, opened, now.toString())
                    + ": it was written to while in use. Close this model and load it again;"
                    + " replace weight files by renaming a new one over the old");
          }
        });
  }

  /**
   * Refuses what was read by the files' names, if one of them is another file since or none: some
   * of it may be of the old one and some of the new.
   *
   * @throws CheckpointException naming the file, with its size and time then and now
   */
  public void requireSame() {
    stamps.forEach(
        (file, opened) -> {
          Stamp now = Stamp.find(file);
          if (!opened.equals(now)) {
            String found = now == null ? "none" : now + ", perhaps another file";
            throw new CheckpointException(
                expected(file, opened, found)
                    + ": it was replaced while it was read. Load the checkpoint again");
          }
        });
  }

  private static String expected(Path file, Stamp opened, String found) {
    return file + ": expected " + opened + " as when the model was opened, found " + found;
  }
}
