package io.github.blip2j;

/**
 * How a text is generated; names and meanings are those of Transformers' {@code generate}.
 *
 * @param maxNewTokens most tokens to write, the end token included; at least 1; 20 by default
 * @param minNewTokens tokens before which no end token may come; 0 to {@code maxNewTokens}; 0 by
 *     default
 */
public record GenerationOptions(int maxNewTokens, int minNewTokens) {
  private static final GenerationOptions DEFAULTS = new GenerationOptions(20, 0);

  /** Checks the ranges. */
  public GenerationOptions {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException(
          "max_new_tokens (" + maxNewTokens + ") must be at least 1");
    }
    if (minNewTokens < 0 || minNewTokens > maxNewTokens) {
      throw new IllegalArgumentException(
          "min_new_tokens (%d) must be 0 to max_new_tokens (%d)"
              .formatted(minNewTokens, maxNewTokens));
    }
  }

  /**
   * The reference's defaults.
   *
   * @return greedy decoding of at most 20 tokens
   */
  public static GenerationOptions defaults() {
    return DEFAULTS;
  }

  /**
   * The same with another limit.
   *
   * @param tokens most new tokens, at least 1
   * @return changed options
   */
  public GenerationOptions withMaxNewTokens(int tokens) {
    return new GenerationOptions(tokens, minNewTokens);
  }

  /**
   * The same with another minimum.
   *
   * @param tokens least new tokens, 0 to {@link #maxNewTokens()}
   * @return changed options
   */
  public GenerationOptions withMinNewTokens(int tokens) {
    return new GenerationOptions(maxNewTokens, tokens);
  }
}
