package io.github.blip2j.spring.ai;

import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageAddresses;

/**
 * How a chat model works.
 *
 * @param modelName the name in requests, responses and observations
 * @param template how a conversation becomes a prompt
 * @param generation how texts are generated where a prompt's options say nothing; one text
 * @param addresses which addresses of images are followed
 */
public record Blip2ChatSettings(
    String modelName,
    ChatTemplate template,
    GenerationOptions generation,
    ImageAddresses addresses) {
  /** Most tokens of an answer; captions and answers are shorter. */
  private static final int DEFAULT_TOKENS = 64;

  /** Checks the number of texts. */
  public Blip2ChatSettings {
    if (generation.numReturnSequences() > 1) {
      throw new IllegalArgumentException(
          "generation: expected one text, found " + generation.numReturnSequences());
    }
  }

  /**
   * What is usual: named {@code blip2}, at most 64 tokens, greedily, images as data only.
   *
   * @return the settings
   */
  public static Blip2ChatSettings defaults() {
    return new Blip2ChatSettings(
        "blip2",
        ChatTemplate.BLOG,
        GenerationOptions.defaults().withMaxNewTokens(DEFAULT_TOKENS),
        ImageAddresses.dataOnly());
  }

  /**
   * The same with another name.
   *
   * @param changed the name
   * @return the changed settings
   */
  public Blip2ChatSettings withModelName(String changed) {
    return new Blip2ChatSettings(changed, template, generation, addresses);
  }

  /**
   * The same with another template.
   *
   * @param changed how a conversation becomes a prompt
   * @return the changed settings
   */
  public Blip2ChatSettings withTemplate(ChatTemplate changed) {
    return new Blip2ChatSettings(modelName, changed, generation, addresses);
  }

  /**
   * The same with another way to generate.
   *
   * @param changed how texts are generated
   * @return the changed settings
   */
  public Blip2ChatSettings withGeneration(GenerationOptions changed) {
    return new Blip2ChatSettings(modelName, template, changed, addresses);
  }

  /**
   * The same with other addresses.
   *
   * @param changed which addresses of images are followed
   * @return the changed settings
   */
  public Blip2ChatSettings withAddresses(ImageAddresses changed) {
    return new Blip2ChatSettings(modelName, template, generation, changed);
  }
}
