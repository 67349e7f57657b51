package io.github.blip2j.bench.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of copies, one of which is damaged at a time. Files are replaced, never written into.
 */
public final class Workspace implements AutoCloseable {
  private final Path root;

  private Workspace(Path root) {
    this.root = root;
  }

  public static Workspace create() throws IOException {
    return new Workspace(Files.createTempDirectory("blip2-fuzz-"));
  }

  public Path path(String name) {
    return root.resolve(name);
  }

  /** Copies the files of a folder that pass, without its sub-folders. */
  public Path copy(Path folder, String name) throws IOException {
    Path target = Files.createDirectories(path(name));
    for (Path file : files(folder)) {
      Files.copy(file, target.resolve(file.getFileName().toString()));
    }
    return target;
  }

  public static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Puts other content in a file's place. */
  public void replace(Path file, byte[] bytes) throws IOException {
    Path beside = Files.write(path("replacement"), bytes);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Deletes a folder and all in it; one that is not there does no harm. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    delete(root);
  }
}
