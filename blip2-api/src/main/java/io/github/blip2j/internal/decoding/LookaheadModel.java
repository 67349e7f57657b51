package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.spi.LanguageModel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A language model whose sessions look ahead as far as it can: by its draft, if one was loaded
 * (speculative decoding, Leviathan et al. 2023), else by several steps in one call, if it has such,
 * else not at all. Borrows the model. Safe for many threads.
 */
public final class LookaheadModel {
  private final TextConfig config;
  private final Opener opener;
  private final Count count = new Count();
  private final @Nullable SharedSteps steps;

  /** Opens sessions, each with what proposes to it. */
  private interface Opener {
    Proposer open(int rows, int capacity);
  }

  /** What drafts have proposed, and what was accepted of it. */
  static final class Count {
    private final AtomicLong proposed = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();

    void proposed(int tokens) {
      proposed.addAndGet(tokens);
    }

    void accepted() {
      accepted.incrementAndGet();
    }
  }

  /** Wraps a model each of whose sessions takes its steps alone. */
  public LookaheadModel(LanguageModel model, TextConfig config) {
    this(model, config, null);
  }

  /**
   * Wraps a model whose sessions share steps.
   *
   * @param maxRows of a step, at least 1
   * @param turns at the engine
   */
  public LookaheadModel(LanguageModel model, TextConfig config, int maxRows, Turns turns) {
    this(model, config, new SharedSteps(maxRows, config, turns));
  }

  LookaheadModel(LanguageModel model, TextConfig config, @Nullable SharedSteps steps) {
    this.config = config;
    this.steps = steps;
    Optional<Opener> draft =
        model
            .drafting()
            .map(
                d ->
                    (rows, capacity) ->
                        new DraftProposer(d.open(rows, capacity), capacity, config, count));
    Optional<Opener> loop =
        model
            .stepping()
            .map(
                s ->
                    (rows, capacity) ->
                        new LoopProposer(s.open(rows, capacity), capacity, config, s.most()));
    this.opener =
        draft
            .or(() -> loop)
            .orElse((rows, capacity) -> new Proposer.None(model.open(rows, capacity)));
  }

  /**
   * Opens a session, as {@link LanguageModel#open} does.
   *
   * @throws IllegalArgumentException if rows or capacity are out of range
   */
  public LookaheadSession open(int rows, int capacity) {
    Proposer own = opener.open(rows, capacity);
    return new LookaheadSession(own, capacity, steps, config.vocabularySize());
  }

  /** What the draft has proposed so far; nothing if there is none. */
  public DraftStatistics statistics() {
    return new DraftStatistics(count.proposed.get(), count.accepted.get());
  }
}
