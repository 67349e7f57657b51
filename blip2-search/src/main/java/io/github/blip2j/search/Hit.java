package io.github.blip2j.search;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * Something that was found.
 *
 * @param id under which it was added
 * @param similarity exact, −1 to 1: between image and text the largest cosine over the image's
 *     queries; between two images the mean over the asked one's queries of the largest cosine over
 *     the found one's
 * @param itmProbability 0 to 1 that the text describes the image, if it was asked for
 * @param fields as they were added
 */
public record Hit(
    String id, double similarity, OptionalDouble itmProbability, Map<String, String> fields) {
  /** Copies the fields. */
  public Hit {
    fields = Map.copyOf(fields);
  }
}
