package io.github.blip2j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run has done, in a file that only grows: a line with what the run was asked for, then one
 * line for each image with all of its results. A run that was killed leaves whole lines and at most
 * one torn one, which the next run cuts off. One process at a time. For one thread.
 */
final class Journal implements AutoCloseable {
  private static final String ASKED = "asked";
  private static final String IMAGE = "image";
  private static final String ROWS = "rows";

  private final Path file;
  private final FileChannel channel;
  private final Map<String, List<String>> rows = new LinkedHashMap<>();

  private Journal(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a journal, or begins it.
   *
   * @param asked what makes results alike, by name
   * @throws IllegalArgumentException if the journal is of a run that was asked for something else,
   *     of another process, or no journal
   * @throws UncheckedIOException if it cannot be read or written
   */
  static Journal open(Path file, Map<String, String> asked) {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e, e);
    }
    Journal journal = new Journal(file, channel);
    try {
      journal.lock();
      journal.read(asked);
      return journal;
    } catch (IOException e) {
      journal.close();
      throw new UncheckedIOException(file + ": cannot be read: " + e, e);
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  /** Until the channel is closed. */
  private void lock() throws IOException {
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new IllegalArgumentException(
          file + ": expected no other run to write this output, found one; name another --output");
    }
  }

  /** Through the channel that has the lock: to close another of this file gives the lock back. */
  private void read(Map<String, String> asked) throws IOException {
    byte[] bytes = Channels.newInputStream(channel).readAllBytes();
    int whole = bytes.length;
    while (whole > 0 && bytes[whole - 1] != '\n') {
      whole--;
    }
    channel.truncate(whole).position(whole);
    if (whole == 0) {
      ObjectNode first = Output.MAPPER.createObjectNode();
      asked.forEach(first.putObject(ASKED)::put);
      append(first);
      return;
    }
    List<String> lines = new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().toList();
    require(asked, parse(lines.get(0)).path(ASKED));
    for (String line : lines.subList(1, lines.size())) {
      JsonNode node = parse(line);
      List<String> found = new ArrayList<>();
      node.path(ROWS).forEach(row -> found.add(row.toString()));
      rows.put(node.path(IMAGE).asText(), List.copyOf(found));
    }
  }

  private JsonNode parse(String line) {
    try {
      return Output.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected the journal of a run, found another file; name another --output", e);
    }
  }

  private void require(Map<String, String> asked, JsonNode before) {
    for (Map.Entry<String, String> entry : asked.entrySet()) {
      String found = before.path(entry.getKey()).asText("nothing");
      if (!found.equals(entry.getValue())) {
        throw new IllegalArgumentException(
            String.join(
                "",
                file + ": expected a run of " + entry.getKey() + " " + entry.getValue(),
                ", found " + found + "; finish that run first, delete this file to drop what it",
                " has done, or name another --output"));
      }
    }
  }

  /** Whether there are results of an image. */
  boolean has(String image) {
    return rows.containsKey(image);
  }

  /** Results by image, in the order in which they were noted. */
  Map<String, List<String>> rows() {
    return rows;
  }

  /**
   * Notes the results of some images; when it returns they stay, whatever happens to this process.
   *
   * @param results lines of JSON by image
   * @throws UncheckedIOException if they cannot be written
   */
  void add(Map<String, List<String>> results) {
    try {
      for (Map.Entry<String, List<String>> entry : results.entrySet()) {
        ObjectNode node = Output.MAPPER.createObjectNode().put(IMAGE, entry.getKey());
        for (String row : entry.getValue()) {
          node.withArray(ROWS).add(Output.MAPPER.readTree(row));
        }
        append(node);
        rows.put(entry.getKey(), List.copyOf(entry.getValue()));
      }
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e, e);
    }
  }

  private void append(JsonNode node) throws IOException {
    ByteBuffer line = ByteBuffer.wrap((node + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      channel.write(line);
    }
  }

  /** Lets another run have it; what is noted stays. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be closed: " + e, e);
    }
  }

  /** Deletes it: its results are elsewhere. */
  void delete() {
    close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be deleted: " + e, e);
    }
  }
}
