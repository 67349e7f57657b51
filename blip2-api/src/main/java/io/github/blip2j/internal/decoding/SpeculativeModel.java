package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A language model whose sessions guess ahead (Leviathan et al. 2023, with the model's own cheaper
 * weights as the draft): in one row, the draft writes a few tokens, and one pass of the model over
 * all of them gives what it would have said after each. The caller sees a session like any other,
 * whose next steps have been computed already if it takes the tokens that were guessed. Safe for
 * many threads.
 */
public final class SpeculativeModel implements LanguageModel {
  private final LanguageModel model;
  private final TextConfig config;
  private final AtomicLong guessed = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();

  /**
   * Wraps a model.
   *
   * @param model whose sessions guess
   */
  public SpeculativeModel(LanguageModel model, TextConfig config) {
    this.model = model;
    this.config = config;
  }

  @Override
  public LanguageSession open(int rows, int capacity) {
    return new SpeculativeSession(this, model.open(rows, capacity), capacity);
  }

  public DraftStatistics statistics() {
    return new DraftStatistics(guessed.get(), accepted.get());
  }

  TextConfig config() {
    return config;
  }

  void guessed(int tokens) {
    guessed.addAndGet(tokens);
  }

  void accepted() {
    accepted.incrementAndGet();
  }
}
