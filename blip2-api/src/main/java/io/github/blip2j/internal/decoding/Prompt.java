package io.github.blip2j.internal.decoding;

import io.github.blip2j.GenerationOptions;

/**
 * What a request starts from.
 *
 * @param features (F, d) projected queries in front of the text; the same F in every row of a batch
 * @param tokens ids of the prompt, start token included; at least one
 * @param placeholders ids that stand for the features where processors look at what is there
 *     already: the image token F times, or none
 * @param options how to go on
 */
public record Prompt(
    float[] features, int[] tokens, int[] placeholders, GenerationOptions options) {
  /** Checks that there is a token to start from. */
  public Prompt {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("tokens (0) must be at least 1");
    }
  }

  /** A prompt whose features count as nothing for processors. */
  public Prompt(float[] features, int[] tokens, GenerationOptions options) {
    this(features, tokens, new int[0], options);
  }
}
