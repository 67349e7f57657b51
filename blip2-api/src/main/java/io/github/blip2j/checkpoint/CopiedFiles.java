package io.github.blip2j.checkpoint;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** What is copied of a checkpoint when its weights are written anew. */
final class CopiedFiles {
  private static final String INNER = "qformer_tokenizer";

  /** What is read of a checkpoint beside its weights, and what it must not be passed on without. */
  private static final Pattern COPIED =
      Pattern.compile(
          "config\\.json|generation_config\\.json|(pre)?processor_config\\.json"
              + "|("
              + INNER
              + "/)?tokenizer(_config)?\\.json"
              + "|special_tokens_map\\.json|added_tokens\\.json"
              + "|README\\.md|(?i:licen[cs]e|notice|copying)([.-].*)?");

  private CopiedFiles() {}

  /** Copies settings, tokenizers, model card and licence. */
  static void copy(Path source, Path target) throws IOException {
    for (Path file : of(source)) {
      String name = nameIn(source, file);
      if (COPIED.matcher(name).matches()) {
        Path copy = target.resolve(name);
        Files.createDirectories(Objects.requireNonNull(copy.getParent()));
        Files.write(copy, Files.readAllBytes(file)); // links too, and new rights
      }
    }
  }

  /**
   * Files of a folder and of the one within it that is a checkpoint's, links to files among them;
   * hidden ones left out. Others, such as a disk's {@code lost+found}, need not be readable.
   */
  static List<Path> of(Path folder) throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path each : List.of(folder, folder.resolve(INNER))) {
      if (Files.isDirectory(each)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(each, CopiedFiles::isSeen)) {
          files.forEach(all::add);
        } catch (DirectoryIteratorException e) {
          throw e.getCause();
        }
      }
    }
    all.sort(null);
    return all;
  }

  private static boolean isSeen(Path file) {
    return Files.isRegularFile(file) && !file.getFileName().toString().startsWith(".");
  }

  /** With forward slashes, whatever the system's. */
  static String nameIn(Path folder, Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }
}
