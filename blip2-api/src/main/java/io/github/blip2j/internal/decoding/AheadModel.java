package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;

/**
 * A language model whose sessions go ahead of their caller by several steps in one call, each row's
 * likeliest or drawn token into the next. The caller sees sessions like any other. Immutable; safe
 * for many threads.
 *
 * @param model whose {@link #stepsAhead} is above 0
 */
public record AheadModel(LanguageModel model, TextConfig config) implements LanguageModel {
  @Override
  public LanguageSession open(int rows, int capacity) {
    return new AheadSession(this, model.open(rows, capacity), capacity);
  }
}
