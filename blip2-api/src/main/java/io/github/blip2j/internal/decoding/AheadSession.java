package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageSession;

/**
 * Goes ahead by tokens that were the likeliest, every row. While that goes well it goes further
 * each time; where tokens are drawn or forbidden it soon leaves off for ever more steps.
 */
final class AheadSession extends GuessingSession {
  private static final int FIRST_COUNT = 8;
  private static final int LONGEST_REST = 64;
  private static final long MOST_LOGITS = 1 << 24; // floats, 64 MiB

  private final AheadModel model;

  AheadSession(AheadModel model, LanguageSession session, int capacity) {
    super(session, model.config(), capacity, FIRST_COUNT, LONGEST_REST);
    this.model = model;
  }

  @Override
  boolean areNext(int[][] tokens) {
    if (tokens.length != rows()) {
      return false;
    }
    int vocabulary = config().vocabularySize();
    for (int row = 0; row < tokens.length; row++) {
      int from = (taken() * rows() + row) * vocabulary;
      if (tokens[row].length != 1
          || tokens[row][0] != Distribution.best(ahead(), from, vocabulary)) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean goAhead(float[] features, int[][] tokens) {
    int further = further(features, tokens);
    if (further < 1) {
      return false;
    }
    holds(session().appendAhead(features, tokens, further, room(further)));
    return true;
  }

  /** Steps to go ahead behind these tokens. */
  private int further(float[] features, int[][] tokens) {
    if (rests()) {
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
    int room = capacity() - length - features.length / config().hiddenSize() / rows();
    long most = MOST_LOGITS / ((long) rows() * config().vocabularySize()) - 1;
    return (int) Math.min(Math.min(count(), model.model().stepsAhead()), Math.min(room, most));
  }

  @Override
  void learn() {
    if (taken() == held()) {
      count(Math.min(2 * count(), model.model().stepsAhead()));
      goOn();
    } else {
      count(Math.max(1, Math.min(taken(), count() / 2)));
    }
    if (taken() == 0) {
      leaveOff();
    }
  }

  @Override
  public void select(int[] rows) {
    int vocabulary = config().vocabularySize();
    int before = rows();
    session().select(rows); // with what is ahead: all rows have the same steps of it
    if (taken() < held()) {
      float[] kept = new float[(1 + held()) * rows.length * vocabulary];
      for (int step = taken(); step <= held(); step++) {
        for (int row = 0; row < rows.length; row++) {
          int from = (step * before + rows[row]) * vocabulary;
          int to = (step * rows.length + row) * vocabulary;
          System.arraycopy(ahead(), from, kept, to, vocabulary);
        }
      }
      replaceAhead(kept);
    }
  }

  @Override
  GuessingSession over(LanguageSession fork, int room) {
    return new AheadSession(model, fork, room);
  }
}
