package io.github.blip2j.server;

import io.github.blip2j.Blip2;

/**
 * A model under the name that a server gives it.
 *
 * @param name of letters, digits and {@code . _ -}; its routes are under {@code /models/NAME}
 * @param blip2 the model, which stays its caller's
 */
public record ServedModel(String name, Blip2 blip2) {
  /** Checks the name. */
  public ServedModel {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      throw new IllegalArgumentException(
          "name (" + name + ") must be of letters, digits and . _ -");
    }
  }

  /** Where its routes are. */
  String prefix() {
    return "/models/" + name;
  }
}
