package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.GenerationOptions;

/** Limits of a text's length. */
final class Lengths {
  private Lengths() {}

  /**
   * The same options with limits in new tokens.
   *
   * @param positions what lengths count beside them
   * @throws IllegalArgumentException if the length leaves no room
   */
  static GenerationOptions behind(GenerationOptions options, int positions) {
    if (options.maxLength().isEmpty() && options.minLength().isEmpty()) {
      return options;
    }
    int most =
        options.maxLength().isEmpty()
            ? options.maxNewTokens()
            : options.maxLength().getAsInt() - positions;
    if (most < 1) {
      throw new IllegalArgumentException(
          "max_length ("
              + options.maxLength().orElse(0)
              + ") must be above what the image and the prompt take ("
              + positions
              + ")");
    }
    int least = Math.max(options.minNewTokens(), options.minLength().orElse(0) - positions);
    return options.toBuilder().maxNewTokens(most).minNewTokens(Math.min(least, most)).build();
  }
}
