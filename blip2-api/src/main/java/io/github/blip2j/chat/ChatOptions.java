package io.github.blip2j.chat;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.internal.values.OptionText;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a conversation is led.
 *
 * @param template how it becomes a prompt
 * @param generation how answers are generated
 * @param contextLimit most tokens of image, history and question together; at least 1. The
 *     checkpoint's own limit holds too
 * @param policy what happens beyond it
 */
public record ChatOptions(
    ChatTemplate template, GenerationOptions generation, int contextLimit, ContextPolicy policy) {
  /** Most tokens by default: the length for which BLIP-2's language models were tried. */
  public static final int DEFAULT_CONTEXT_LIMIT = 512;

  /** Checks the limit. */
  public ChatOptions {
    if (contextLimit < 1) {
      throw new IllegalArgumentException("contextLimit (" + contextLimit + ") must be at least 1");
    }
  }

  /**
   * The blog's template, the reference's generation, 512 tokens, refusal beyond.
   *
   * @return the defaults
   */
  public static ChatOptions defaults() {
    return new ChatOptions(
        ChatTemplate.BLOG,
        GenerationOptions.defaults(),
        DEFAULT_CONTEXT_LIMIT,
        ContextPolicy.REFUSE);
  }

  /**
   * The same with another template.
   *
   * @param changed how the conversation becomes a prompt
   * @return the changed options
   */
  public ChatOptions withTemplate(ChatTemplate changed) {
    return new ChatOptions(changed, generation, contextLimit, policy);
  }

  /**
   * The same with another way to generate.
   *
   * @param changed how answers are generated
   * @return the changed options
   */
  public ChatOptions withGeneration(GenerationOptions changed) {
    return new ChatOptions(template, changed, contextLimit, policy);
  }

  /**
   * The same with another limit.
   *
   * @param tokens most of image, history and question together
   * @param changed what happens beyond it
   * @return the changed options
   */
  public ChatOptions withContext(int tokens, ContextPolicy changed) {
    return new ChatOptions(template, generation, tokens, changed);
  }

  private Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("template", template);
    named.put("generation", generation);
    named.put("contextLimit", contextLimit);
    named.put("policy", policy);
    return named;
  }

  /**
   * What differs from the defaults.
   *
   * @return such as {@code ChatOptions[contextLimit=256]}
   */
  @Override
  public String toString() {
    return OptionText.of("ChatOptions", named(), defaults().named());
  }
}
