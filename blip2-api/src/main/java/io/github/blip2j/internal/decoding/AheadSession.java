package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.FurtherSteps;
import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;

/**
 * Goes ahead by tokens that were the likeliest or drawn, every row. While that goes well it goes
 * further each time; where tokens are often forbidden it soon leaves off for ever more steps.
 */
final class AheadSession extends GuessingSession {
  private static final int FIRST_COUNT = 8;
  private static final int LONGEST_REST = 64;
  private static final long MOST_LOGITS = 1 << 24; // floats, 64 MiB

  private final AheadModel model;
  private int[][] ids = {}; // (held, B)

  AheadSession(AheadModel model, LanguageSession session, int capacity) {
    super(session, model.config(), capacity, FIRST_COUNT, LONGEST_REST);
    this.model = model;
  }

  @Override
  boolean areNext(int[][] tokens) {
    if (tokens.length != rows()) {
      return false;
    }
    for (int row = 0; row < tokens.length; row++) {
      if (tokens[row].length != 1 || tokens[row][0] != ids[taken()][row]) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean goAhead(float[] features, int[][] tokens, Foresight foresight) {
    int further = further(features, tokens);
    if (further < 1) {
      return false;
    }
    FurtherSteps steps = new FurtherSteps(further, foresight.choices(further));
    ids = session().appendAhead(features, tokens, steps, room(further));
    holds(ids.length);
    return true;
  }

  /** Steps to go ahead behind these tokens. */
  private int further(float[] features, int[][] tokens) {
    if (rests()) {
      return 0;
    }
    int length = lengthBehind(features, tokens, 0);
    for (int row = 1; row < rows(); row++) {
      if (row >= tokens.length || lengthBehind(features, tokens, row) != length) {
        return 0; // rows of unequal length cannot be taken back together
      }
    }
    int room = capacity() - length;
    long most = MOST_LOGITS / ((long) rows() * config().vocabularySize()) - 1;
    return (int) Math.min(Math.min(count(), model.model().stepsAhead()), Math.min(room, most));
  }

  /** Positions of a row when these have been appended. */
  private int lengthBehind(float[] features, int[][] tokens, int row) {
    int vectors = features.length / config().hiddenSize() / rows();
    return length(row) == 0
        ? config().promptPositions(vectors, tokens[row].length)
        : length(row) + vectors + tokens[row].length;
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
      ids =
          Arrays.stream(ids)
              .map(step -> Arrays.stream(rows).map(row -> step[row]).toArray())
              .toArray(int[][]::new);
    }
  }

  @Override
  GuessingSession over(LanguageSession fork, int room) {
    return new AheadSession(model, fork, room);
  }
}
