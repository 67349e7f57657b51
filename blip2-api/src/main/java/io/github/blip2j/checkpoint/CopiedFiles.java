package io.github.blip2j.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is copied of a checkpoint when its weights are written anew. */
final class CopiedFiles {
  private static final int DEPTH = 2;

  /** What is read of a checkpoint beside its weights, and what it must not be passed on without. */
  private static final Pattern COPIED =
      Pattern.compile(
          "config\\.json|generation_config\\.json|(pre)?processor_config\\.json"
              + "|(qformer_tokenizer/)?tokenizer(_config)?\\.json"
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

  /** Files of a folder and of folders in it, links to files among them; hidden ones left out. */
  static List<Path> of(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder, DEPTH)) {
      return files
          .filter(f -> Files.isRegularFile(f) && !f.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    }
  }

  /** With forward slashes, whatever the system's. */
  static String nameIn(Path folder, Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }
}
