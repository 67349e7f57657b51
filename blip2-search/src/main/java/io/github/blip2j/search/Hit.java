package io.github.blip2j.search;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * Something that was found.
 *
 * @param id under which it was added
 * @param similarity exact, −1 to 1: between picture and text the largest cosine over the picture's
 *     queries; between two pictures the mean over the asked one's queries of the largest cosine
 *     over the found one's
 * @param itmProbability 0 to 1 that the text describes the picture, if it was asked for
 * @param fields as they were added
 */
public record Hit(
    String id, double similarity, OptionalDouble itmProbability, Map<String, String> fields) {
  /** Copies the fields. */
  public Hit {
    fields = Map.copyOf(fields);
  }
}
