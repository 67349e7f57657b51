package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;

/**
 * A file of results that is there whole or not at all: lines of JSON as the commands print them, or
 * CSV (RFC 4180) with columns image, prompt, text and error.
 */
record ResultFile(Path path) {
  private static final String CSV = ".csv";
  private static final String JSONL = ".jsonl";
  private static final List<String> COLUMNS = List.of("image", "prompt", "text", "error");
  private static final String NEW_LINE = "\r\n"; // RFC 4180

  /**
   * A file that a user named.
   *
   * @throws IllegalArgumentException if it is neither of the kinds, or its folder is not there
   */
  static ResultFile named(String text) {
    Path path = Inputs.path(text).toAbsolutePath();
    String name = path.getFileName() == null ? "" : path.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    if (!lower.endsWith(CSV) && !lower.endsWith(JSONL)) {
      throw new IllegalArgumentException(
          "--output: expected a file that ends in .csv or .jsonl, found " + text);
    }
    Path folder = path.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "--output: expected a file in a folder that is there, found " + text);
    }
    return new ResultFile(path);
  }

  /** Where results are kept until all are there. */
  Path journal() {
    return path.resolveSibling(path.getFileName() + ".journal");
  }

  /**
   * Writes the file and gives it its name.
   *
   * @param rows lines of JSON
   * @throws UncheckedIOException if it cannot be written
   */
  void write(Iterable<String> rows) {
    boolean csv = path.toString().toLowerCase(Locale.ROOT).endsWith(CSV);
    Path partial = path.resolveSibling(path.getFileName() + ".partial");
    try {
      try (BufferedWriter out = Files.newBufferedWriter(partial, StandardCharsets.UTF_8)) {
        if (csv) {
          record(out, COLUMNS);
        }
        for (String row : rows) {
          if (csv) {
            JsonNode node = Output.MAPPER.readTree(row);
            record(out, COLUMNS.stream().map(c -> node.path(c).asText("")).toList());
          } else {
            out.write(row + "\n");
          }
        }
      }
      try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be written: " + e, e);
    }
  }

  private static void record(Writer out, List<String> fields) throws IOException {
    for (int i = 0; i < fields.size(); i++) {
      out.write((i > 0 ? "," : "") + field(fields.get(i)));
    }
    out.write(NEW_LINE);
  }

  /** In quotes where it must be, with quotes in it doubled. */
  static String field(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
