package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.train.TrainingExample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of examples to learn from, a JSON object a line: {@code image}, a path seen from the
 * file's folder, {@code text}, and {@code prompt} if the text answers or goes on from one. For one
 * thread.
 */
final class TrainingPairs {
  private static final List<String> KEYS = List.of("image", "prompt", "text");

  private final Path file;
  private final Map<Path, ImageSource> images = new HashMap<>(); // one that comes again is the same

  private TrainingPairs(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if a line is no example, or there is none; names file and line
   */
  static List<TrainingExample> read(Path file) throws IOException {
    TrainingPairs pairs = new TrainingPairs(file);
    List<TrainingExample> examples = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      number++;
      if (!line.isBlank()) {
        examples.add(pairs.example(line, number));
      }
    }
    if (examples.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": expected a JSON object a line, with image and text, found none");
    }
    return examples;
  }

  private TrainingExample example(String line, int number) {
    try {
      JsonNode node = BatchRequest.json(line);
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        if (!KEYS.contains(entry.getKey())) {
          throw new IllegalArgumentException("expected " + KEYS + ", found " + entry.getKey());
        }
      }
      String image = new Value("image", node.path("image")).text();
      @Nullable String prompt =
          node.hasNonNull("prompt") ? new Value("prompt", node.get("prompt")).text() : null;
      String text = new Value("text", node.path("text")).text();
      return new TrainingExample(image(image), prompt, text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": line " + number + ": " + e.getMessage(), e);
    }
  }

  private ImageSource image(String name) {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    Path path = folder.resolve(name).normalize();
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException("image: expected a file, found none at " + path);
    }
    return images.computeIfAbsent(path, ImageSource::of);
  }
}
