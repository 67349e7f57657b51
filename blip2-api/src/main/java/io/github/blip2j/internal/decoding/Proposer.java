package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageSession;

/**
 * Proposes tokens that the caller of a session may append next, and lets the model say what follows
 * each of them before the caller asks. Owns the session. For one thread.
 */
interface Proposer {
  /** The session that what is proposed is appended to. */
  LanguageSession session();

  /**
   * Appends the caller's tokens, and behind them those that it proposes.
   *
   * @param features as for {@link LanguageSession#append}, as are the tokens
   * @param foresight what is known of the tokens to come
   * @param ahead is told the steps that were appended, and holds the logits of all
   * @return whether anything was appended; else the session is as it was
   */
  boolean propose(float[] features, int[][] tokens, Foresight foresight, Ahead ahead);

  /** The caller has appended a step that was proposed. */
  void accepted();

  /**
   * What became of a proposal.
   *
   * @param steps that it had, at least 1
   * @param accepted of them by the caller
   */
  void learn(int steps, int accepted);

  /** One that has learned the same, over a fork of the session. */
  Proposer fork(int[] rows, int capacity);

  /** Where one step is all that a model does in a call. */
  record None(LanguageSession session) implements Proposer {
    @Override
    public boolean propose(float[] features, int[][] tokens, Foresight foresight, Ahead ahead) {
      return false;
    }

    @Override
    public void accepted() {}

    @Override
    public void learn(int steps, int accepted) {}

    @Override
    public Proposer fork(int[] rows, int capacity) {
      return new None(session.fork(rows, capacity));
    }
  }
}
