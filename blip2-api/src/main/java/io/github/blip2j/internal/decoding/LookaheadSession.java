package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageSession;

/**
 * The session that decoding works with. It may be ahead of its caller: behind the caller's last
 * tokens it holds further ones that a {@link Proposer} has proposed, with the model's own logits
 * after each. They serve as long as the caller appends just these; then what is left is taken back.
 * So whoever uses it sees a session like any other, whether there is lookahead or not. For one
 * thread.
 */
public final class LookaheadSession implements LanguageSession {
  private final Proposer proposer;
  private final LanguageSession session; // the proposer's
  private final int vocabulary;
  private final Ahead ahead;

  LookaheadSession(Proposer proposer, int vocabulary) {
    this.proposer = proposer;
    this.session = proposer.session();
    this.vocabulary = vocabulary;
    this.ahead = new Ahead(vocabulary);
  }

  @Override
  public int rows() {
    return session.rows();
  }

  @Override
  public int length(int row) {
    return session.length(row) - ahead.left();
  }

  /** Of a caller of whom nothing is known: it goes no further ahead. */
  @Override
  public void append(float[] features, int[][] tokens, float[] logits) {
    if (!accept(features, tokens, logits)) {
      takeBack();
      session.append(features, tokens, logits);
    }
  }

  @Override
  public void appendEach(int[] tokens, float[] logits) {
    takeBack();
    session.appendEach(tokens, logits);
  }

  /** Appends for a caller of whom something is known. */
  void append(float[] features, int[][] tokens, float[] logits, Foresight foresight) {
    if (!accept(features, tokens, logits)) {
      takeBack();
      if (proposer.propose(features, tokens, foresight, ahead)) {
        ahead.give(logits, rows());
      } else {
        session.append(features, tokens, logits);
      }
    }
  }

  /** Whether these are the tokens of the next step ahead, whose logits are then given. */
  private boolean accept(float[] features, int[][] tokens, float[] logits) {
    if (logits.length < rows() * vocabulary) {
      session.append(features, tokens, logits); // which says so
    }
    if (features.length > 0 || !ahead.accept(tokens)) {
      return false;
    }
    proposer.accepted();
    ahead.give(logits, rows());
    return true;
  }

  /** Takes back what the caller did not append. */
  private void takeBack() {
    if (ahead.held() > 0) {
      if (ahead.left() > 0) {
        session.truncate(length(0)); // all rows have one length
      }
      proposer.learn(ahead.held(), ahead.accepted());
      ahead.hold(new int[0][]);
    }
  }

  /** The session beneath, no longer ahead: for work that no proposal could serve. */
  LanguageSession alone() {
    takeBack();
    return session;
  }

  @Override
  public void select(int[] rows) {
    int before = rows();
    session.select(rows); // with what is ahead: all rows have the same steps of it
    if (ahead.left() > 0) {
      ahead.select(rows, before);
    }
  }

  @Override
  public void truncate(int length) {
    takeBack();
    session.truncate(length);
  }

  @Override
  public LookaheadSession fork(int[] rows, int capacity) {
    takeBack();
    return new LookaheadSession(proposer.fork(rows, capacity), vocabulary);
  }

  @Override
  public void adopt(LanguageSession other, int[] rows) {
    takeBack();
    session.adopt(other instanceof LookaheadSession ahead ? ahead.alone() : other, rows);
  }

  @Override
  public void close() {
    session.close();
  }
}
