package io.github.blip2j.internal.decoding;

import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.spi.LanguageSession;

/**
 * A session that may be ahead of its caller by tokens that were the likeliest, with the logits
 * after each. They serve as long as every row is appended just these; then what is left is taken
 * back. While that goes well it goes further ahead each time; where tokens are drawn or forbidden
 * it soon leaves off for ever more steps. For one thread.
 */
final class AheadSession implements LanguageSession, Guessing {
  private static final int FIRST_COUNT = 8;
  private static final int LONGEST_REST = 64;
  private static final long MOST_LOGITS = 1 << 24; // floats, 64 MiB

  private final AheadModel model;
  private final TextConfig config;
  private final LanguageSession session;
  private final int capacity;
  private float[] ahead = new float[0]; // (1+held, B, V)
  private int held; // steps that the session is ahead by, if none were taken
  private int taken; // of them, how many the caller has taken
  private int count = FIRST_COUNT;
  private int rest = 1; // steps alone, the next time that a step ahead was for nothing
  private int resting;

  AheadSession(AheadModel model, LanguageSession session, int capacity) {
    this.model = model;
    this.config = model.config();
    this.session = session;
    this.capacity = capacity;
  }

  @Override
  public int rows() {
    return session.rows();
  }

  @Override
  public int length(int row) {
    return session.length(row) - (held - taken);
  }

  @Override
  public void append(float[] features, int[][] tokens, float[] logits) {
    int size = rows() * config.vocabularySize();
    if (logits.length < size) {
      session.append(features, tokens, logits); // which says so
    }
    if (features.length == 0 && taken < held && areNext(tokens)) {
      taken++;
      give(logits);
      return;
    }
    takeBack();
    int further = further(features, tokens);
    if (further < 1) {
      session.append(features, tokens, logits);
      return;
    }
    if (ahead.length < (1 + further) * size) {
      ahead = new float[(1 + further) * size];
    }
    held = session.appendAhead(features, tokens, further, ahead);
    give(logits);
  }

  /** Whether each row is appended just the token that was the likeliest. */
  private boolean areNext(int[][] tokens) {
    if (tokens.length != rows()) {
      return false;
    }
    for (int row = 0; row < tokens.length; row++) {
      if (tokens[row].length != 1 || tokens[row][0] != likeliest(row)) {
        return false;
      }
    }
    return true;
  }

  private int likeliest(int row) {
    int vocabulary = config.vocabularySize();
    int from = (taken * rows() + row) * vocabulary;
    int best = from;
    for (int i = from + 1; i < from + vocabulary; i++) {
      best = ahead[i] > ahead[best] ? i : best;
    }
    return best - from;
  }

  private void give(float[] logits) {
    int size = rows() * config.vocabularySize();
    System.arraycopy(ahead, taken * size, logits, 0, size);
  }

  /** Steps to go ahead behind these tokens. */
  private int further(float[] features, int[][] tokens) {
    if (resting > 0) {
      resting--;
      return 0;
    }
    int length = length(0) + tokens[0].length;
    for (int row = 1; row < rows(); row++) {
      if (row >= tokens.length
          || length(row) != length(0)
          || tokens[row].length != tokens[0].length) {
        return 0; // rows of unequal length cannot be taken back together
      }
    }
    int room = capacity - length - features.length / config.hiddenSize() / rows();
    long most = MOST_LOGITS / ((long) rows() * config.vocabularySize()) - 1;
    return (int) Math.min(Math.min(count, model.model().stepsAhead()), Math.min(room, most));
  }

  /** Takes back what the caller did not append. */
  private void takeBack() {
    if (held > 0) {
      if (taken < held) {
        session.truncate(length(0)); // all rows have one length
      }
      if (taken == held) {
        count = Math.min(2 * count, model.model().stepsAhead());
        rest = 1;
      } else {
        count = Math.max(1, Math.min(taken, count / 2));
      }
      if (taken == 0) {
        resting = rest;
        rest = Math.min(2 * rest, LONGEST_REST);
      }
      held = 0;
      taken = 0;
    }
  }

  @Override
  public void select(int[] rows) {
    int vocabulary = config.vocabularySize();
    int before = rows();
    session.select(rows); // with what is ahead: all rows have the same steps of it
    if (taken < held) {
      float[] kept = new float[(1 + held) * rows.length * vocabulary];
      for (int step = taken; step <= held; step++) {
        for (int row = 0; row < rows.length; row++) {
          int from = (step * before + rows[row]) * vocabulary;
          System.arraycopy(ahead, from, kept, (step * rows.length + row) * vocabulary, vocabulary);
        }
      }
      ahead = kept;
    }
  }

  @Override
  public void truncate(int length) {
    takeBack();
    session.truncate(length);
  }

  @Override
  public LanguageSession fork(int[] rows, int room) {
    takeBack();
    AheadSession fork = new AheadSession(model, session.fork(rows, room), room);
    fork.count = count;
    fork.rest = rest;
    fork.resting = resting;
    return fork;
  }

  @Override
  public LanguageSession plain() {
    takeBack();
    return session;
  }

  @Override
  public void close() {
    session.close();
  }
}
