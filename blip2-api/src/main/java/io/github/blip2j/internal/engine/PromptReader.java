package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.internal.text.Tokenizers;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * From prompts to ids: for the language model, and where the Q-Former reads instructions the same
 * words for it by a tokenizer of its own. Borrows the tokenizers; safe for many threads.
 */
final class PromptReader {
  /** What InstructBLIP's captions are asked for with (LAVIS, its evaluation on NoCaps). */
  static final String CAPTION = "A short image caption.";

  private final ModelConfig config;
  private final Tokenizers tokenizers;

  PromptReader(ModelConfig config, Tokenizers tokenizers) {
    this.config = config;
    this.tokenizers = tokenizers;
  }

  /** The language model's. */
  Tokenizer text() {
    return tokenizers.text();
  }

  /** The prompt that is meant: a Q-Former that reads instructions is never without one. */
  @Nullable String meant(@Nullable String prompt) {
    return prompt == null && config.qformer().instruction() != null ? CAPTION : prompt;
  }

  /** Ids of a prompt, or those of none. */
  PromptTokens tokens(@Nullable String prompt) {
    String meant = meant(prompt);
    if (meant == null) {
      return PromptTokens.of(new int[] {config.text().startToken()});
    }
    int[] text = config.text().plainPrompts() ? plain(meant) : tokenizers.text().encode(meant);
    TextBounds bounds = config.qformer().instruction();
    return bounds == null
        ? PromptTokens.of(text)
        : new PromptTokens(
            text,
            Objects.requireNonNull(tokenizers.instructions()).encode(meant),
            bounds.maxPositions());
  }

  private int[] plain(String prompt) {
    int[] words = tokenizers.text().encodePlain(prompt);
    int[] ids = new int[words.length + 1];
    ids[0] = config.text().startToken();
    System.arraycopy(words, 0, ids, 1, words.length);
    return ids;
  }
}
