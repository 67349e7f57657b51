package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request is about: {@code "image"}, or {@code "images"} in one prompt, in their order.
 *
 * @param names at least one
 * @param listed whether they stand in a list, and so are named in one
 */
record RequestImages(List<String> names, boolean listed) {
  private static final String ONE = "image";
  private static final String SEVERAL = "images";

  static RequestImages one(String name) {
    return new RequestImages(List.of(name), false);
  }

  /** Images in one prompt, named in a list. */
  static RequestImages together(List<String> names) {
    return new RequestImages(names, true);
  }

  /** What a request names as far as it can be read, for an error; null for nothing. */
  static @Nullable RequestImages peek(JsonNode node) {
    List<String> listed = new ArrayList<>();
    for (JsonNode name : node.path(SEVERAL)) {
      if (name.isTextual()) {
        listed.add(name.textValue());
      }
    }
    if (!listed.isEmpty()) {
      return together(listed);
    }
    return node.path(ONE).isTextual() ? one(node.get(ONE).textValue()) : null;
  }

  /**
   * Reads what a request names.
   *
   * @throws IllegalArgumentException if it names neither, both, or an empty list
   */
  static RequestImages of(JsonNode node) {
    boolean listed = node.hasNonNull(SEVERAL);
    if (!listed) {
      return one(new Value(ONE, node.path(ONE)).text());
    }
    if (node.hasNonNull(ONE)) {
      throw new IllegalArgumentException("expected one of image and images, found both");
    }
    List<String> names = new Value(SEVERAL, node.get(SEVERAL)).texts();
    if (names.isEmpty()) {
      throw new IllegalArgumentException("images: expected at least one, found none");
    }
    return together(names);
  }

  /** Looks for all of them, so that a slip is found before a model is loaded. */
  RequestImages required(Inputs inputs) {
    names.forEach(inputs::require);
    return this;
  }

  /**
   * Why one of them cannot be used, or null.
   *
   * @param missing reasons by name
   */
  @Nullable String reason(Map<String, String> missing) {
    return names.stream().filter(missing::containsKey).map(missing::get).findFirst().orElse(null);
  }

  /** As a task takes them. */
  ImageInput input(Inputs inputs) {
    List<ImageInput> images = names.stream().map(inputs::image).toList();
    return images.size() == 1 ? images.get(0) : new ImageSequence(images);
  }

  /** Names them in a result, as the request did. */
  ObjectNode put(ObjectNode node) {
    if (!listed) {
      return node.put(ONE, Inputs.name(names.get(0)));
    }
    names.forEach(name -> node.withArray(SEVERAL).add(Inputs.name(name)));
    return node;
  }
}
