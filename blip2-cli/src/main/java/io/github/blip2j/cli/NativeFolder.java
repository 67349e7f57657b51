package io.github.blip2j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The native libraries of one engine in one version, unpacked into the cache folder.
 *
 * @param path where they are
 * @param engine whose they are, such as {@code onnxruntime}
 * @param bytes their size together
 * @param files how many there are
 * @param unpacked when the folder was last written to
 */
record NativeFolder(Path path, String engine, long bytes, int files, Instant unpacked) {

  /**
   * Those of a cache folder: {@code natives} in it, and the {@code natives-USER} of users whom the
   * first does not belong to.
   *
   * @param cache need not exist
   * @return the most recently unpacked first
   * @throws UncheckedIOException if a folder cannot be read
   */
  static List<NativeFolder> in(Path cache) {
    List<NativeFolder> found = new ArrayList<>();
    for (Path root : folders(cache, "{natives,natives-*}")) {
      for (Path engine : folders(root, "*")) {
        for (Path version : folders(engine, "*")) {
          found.add(of(version, engine.getFileName().toString()));
        }
      }
    }
    found.sort(Comparator.comparing(NativeFolder::unpacked).reversed());
    return List.copyOf(found);
  }

  private static List<Path> folders(Path parent, String glob) {
    List<Path> folders = new ArrayList<>();
    if (!Files.isDirectory(parent) || !Files.isReadable(parent)) {
      return folders; // another user's
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, glob)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          folders.add(entry);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(parent + ": cannot be read: " + e.getMessage(), e);
    }
    return folders;
  }

  private static NativeFolder of(Path path, String engine) {
    long bytes = 0;
    int files = 0;
    try {
      Instant unpacked = Files.getLastModifiedTime(path).toInstant();
      for (Path file : contents(path)) {
        BasicFileAttributes found =
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        bytes += found.isRegularFile() ? found.size() : 0;
        files += found.isRegularFile() ? 1 : 0;
      }
      return new NativeFolder(path, engine, bytes, files, unpacked);
    } catch (NoSuchFileException e) { // another process deletes it just now
      return new NativeFolder(path, engine, bytes, files, Instant.EPOCH);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Itself, and all that lies in it, links as links. */
  private static List<Path> contents(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      return all.toList();
    }
  }

  /** Whether this user may delete what is in it. */
  boolean deletable() {
    return Files.isWritable(path);
  }

  /**
   * Deletes it. A process that runs these libraries keeps them on Linux and macOS; the next one
   * unpacks them again.
   *
   * @throws UncheckedIOException if a file cannot be deleted, as on Windows one that is in use
   */
  void delete() {
    try {
      List<Path> all = contents(path);
      for (int i = all.size() - 1; i >= 0; i--) { // folders behind what is in them
        Files.deleteIfExists(all.get(i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be deleted: " + e.getMessage(), e);
    }
  }
}
