package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.GenerationOptions;

/**
 * What a request starts from.
 *
 * @param features (F, d) projected queries in front of the text; the same F in every row of a batch
 * @param tokens ids of the prompt, start token included; at least one
 * @param history ids that processors take for what is there already: of a decoder the image token F
 *     times, or not at all, and the prompt; of an encoder and decoder the decoder's start token
 * @param options how to go on
 */
public record Prompt(float[] features, int[] tokens, int[] history, GenerationOptions options) {
  /** Checks that there is a token to start from. */
  public Prompt {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("tokens (0) must be at least 1");
    }
  }

  /** A decoder's prompt whose features count as nothing for processors. */
  public Prompt(float[] features, int[] tokens, GenerationOptions options) {
    this(features, tokens, tokens, options);
  }
}
