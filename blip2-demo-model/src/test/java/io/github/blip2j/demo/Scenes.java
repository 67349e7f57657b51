package io.github.blip2j.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The tests' scenes, and what is known of them. */
final class Scenes {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Scenes() {}

  private static byte[] resource(String name) {
    try (InputStream in = Scenes.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  static JsonNode json(String name) {
    try {
      return MAPPER.readTree(resource(name));
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  static ImageSource image(String name) {
    return ImageSource.of(resource("/demo/" + name));
  }
}
