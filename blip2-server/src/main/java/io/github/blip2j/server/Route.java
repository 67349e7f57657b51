package io.github.blip2j.server;

import java.util.Optional;

/**
 * What answers one method of one path.
 *
 * @param method in capital letters
 * @param path its last part may be {@code {id}}, which stands for any
 * @param kind what it needs
 * @param handler answers
 */
record Route(String method, String path, Kind kind, Handler handler) {
  private static final String HOLE = "{id}";

  /** What a route needs. */
  enum Kind {
    /** Neither a token nor the model. */
    OPEN,
    /** A token, if there is one. */
    LIGHT,
    /** The model, and so a place among those that use it. */
    MODEL
  }

  /** Answers requests. */
  @FunctionalInterface
  interface Handler {
    void handle(Work work);
  }

  /**
   * What stands in the hole of the path, or an empty text if it has none; nothing if it differs.
   */
  Optional<String> match(String asked) {
    if (!path.endsWith(HOLE)) {
      return path.equals(asked) ? Optional.of("") : Optional.empty();
    }
    String front = path.substring(0, path.length() - HOLE.length());
    String id = asked.startsWith(front) ? asked.substring(front.length()) : "";
    return id.isEmpty() || id.contains("/") ? Optional.empty() : Optional.of(id);
  }
}
